/** The words for roles, scopes and ways in; the same as in the docs. */

import type { Role } from "../../api/types.gen";

export const ROLES: readonly { value: Role; label: string; hint: string }[] = [
  { value: "executive", label: "Executive", hint: "figures about groups" },
  { value: "marketer", label: "Marketer", hint: "figures about groups, and definitions; sees no single person" },
  { value: "analyst", label: "Analyst", hint: "single people by random id, definitions, builds" },
  { value: "privacy_officer", label: "Privacy officer", hint: "people in the clear for a purpose, privacy requests, the audit log" },
  { value: "admin", label: "Administrator", hint: "everything" },
];

export function roleLabel(role: string): string {
  return ROLES.find((each) => each.value === role)?.label ?? role;
}

export const HOW: Readonly<Record<string, string>> = {
  account: "name and password",
  link: "link of this machine",
  provider: "provider",
  key: "API key",
};
