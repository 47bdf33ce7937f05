/** Who is here, and what they may do: `GET /api/v1/session`. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, type ReactNode } from "react";
import { askLoosely, guardWith, type ProblemError } from "../api/client";
import type { Routes } from "../api/types.gen";
import { Loading } from "../parts/Loading";
import { Problem } from "../parts/Problem";
import { navigate, usePath } from "./router";

export type Permission = Exclude<Routes[keyof Routes]["permission"], null> | "see_personal" | "edit_definitions";
export type Role = "executive" | "analyst" | "marketer" | "privacy_officer" | "admin";

/** Of somebody who is signed in. */
export interface Session {
  name: string;
  /** The same as the audit log has it. */
  actor: string;
  role: Role;
  permissions: string[];
  project: { name: string; noun: string; currency: string; time_zone: string };
  /** What every change shows, in `X-CSRF-Token`. */
  csrf: string;
}

export const SessionContext = createContext<Session | null>(null);
const OPEN = "/sign-in";

/** The session; only within pages. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("There is no session here.");
  return session;
}

/** Whether the role may do something: `const may = useMay(); may("see_people")`. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}

/** What the people are called: `{ one: "customer", many: "customers", Many: "Customers" }`. */
export function useNoun(): { one: string; many: string; One: string; Many: string } {
  const { noun } = useSession().project;
  const one = noun || "customer";
  const many = /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : /(s|x|ch|sh)$/.test(one) ? `${one}es` : `${one}s`;
  const large = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return { one, many, One: large(one), Many: large(many) };
}

/** Asks for the session; whoever has none goes to the sign-in page and comes back. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const path = usePath();
  const queries = useQueryClient();
  const found = useQuery<Session & { signed_in: boolean }, ProblemError>({
    queryKey: ["session"],
    // Answered without a refusal where nobody is signed in, so that no browser reports one on the sign-in page.
    queryFn: ({ signal }) => askLoosely("GET /api/v1/session", {}, signal),
    staleTime: 60_000,
    retry: (times, error) => error.status === 0 && times < 3,
  });
  useEffect(() => {
    const again = () => void queries.invalidateQueries({ queryKey: ["session"] });
    window.addEventListener("habitue:signed-out", again);
    return () => window.removeEventListener("habitue:signed-out", again);
  }, [queries]);
  const session = found.data?.signed_in ? found.data : null;
  const isOut = found.data?.signed_in === false || found.error?.status === 401;
  useEffect(() => {
    if (!isOut || path === OPEN) return;
    const next = path + window.location.search;
    navigate(next === "/" ? OPEN : `${OPEN}?next=${encodeURIComponent(next)}`, { replace: true });
  }, [isOut, path]);
  guardWith(session?.csrf || null);
  if (path === OPEN || session) return <SessionContext value={session}>{children}</SessionContext>;
  if (found.error && !isOut) return <Problem error={found.error} onAgain={() => void found.refetch()} />;
  return <Loading label="Opening the project" />;
}
