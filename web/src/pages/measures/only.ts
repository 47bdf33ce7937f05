/** Limiting what a page shows to the people behind a mark, as a rule in the address that can be undone. */

import { navigate } from "../../app/router";
import { useSay } from "../../parts";
import { ruleOfMark } from "./marks";

interface Mark {
  name: string;
  query: Record<string, string | number | boolean | undefined>;
}

/** The rule of a group of a trait or segment, which needs nobody to be looked at; null for others. */
export function groupRule(by: string, group: string | null): string | null {
  const [space, name] = by.split(/\.(.*)/s);
  if (space === "segment" && name) return group === "in" ? `segment.${name}` : `not segment.${name}`;
  if (space !== "trait" || !name || group === null) return null;
  if (group === "true" || group === "false") return `trait.${name} == ${group === "true" ? "True" : "False"}`;
  return /^-?\d+$/.test(group) ? null : `trait.${name} == '${group.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Both of two rules. */
export function andAlso(one: string, other: string): string {
  if (!one || one === other) return other;
  return `(${one}) and (${other})`;
}

/** Puts a rule into the address beside those that hold already; the back button takes it away. */
export function limitTo(rule: string): void {
  const query = new URLSearchParams(window.location.search);
  query.set("of", andAlso(query.get("of") ?? "", rule));
  navigate(`${window.location.pathname}?${query}`);
}

/** `only(by, group, mark)`: limits the page to the people of a group of a metric. */
export function useOnly() {
  const say = useSay();
  return async (by: string, group: string | null, mark: Mark) => {
    const plain = groupRule(by, group);
    if (plain) return limitTo(plain);
    try {
      const said = await ruleOfMark("GET /api/v1/metrics/{name}/people", mark.query, { name: mark.name });
      if (said?.rule) limitTo(said.rule);
      else say(said?.why_not || "No rule selects these people", "bad");
    } catch (error) {
      say(error instanceof Error ? error.message : "No rule selects these people", "bad");
    }
  };
}
