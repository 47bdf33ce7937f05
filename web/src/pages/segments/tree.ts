/** A rule as the server's JSON tree: reading it, and making another one; nothing is changed in place. */

export interface Tree {
  term: string;
  [key: string]: unknown;
}
export type Path = readonly (string | number)[];
export type Mode = "all" | "any" | "none" | "not_all";

export const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="] as const;
export const TEXT_TESTS = ["contains", "startswith", "endswith", "matches"] as const;
export const OVER_EVENT = ["did", "count", "first_at", "last_at"];
export const OVER_PROPERTY = ["sum", "avg", "min", "max", "distinct", "mode", "first", "latest"];
export const ARITHMETIC = ["+", "-", "*", "/"];
export const RELATIONS = ["any", "all", "none"];

/** Terms that hold or do not hold: as a part of something else each of them is a group that more can be added to. */
const CONDITIONS: ReadonlySet<string> = new Set([
  "did", "sequence", "followed", "unfollowed", "stopped", "regularly", "top", "any", "all", "none", "segment", "consent", "exists", "in", "not in", "not", "and", "or",
  ...COMPARISONS, ...TEXT_TESTS,
]);
/** Terms that give a value. */
const VALUES: ReadonlySet<string> = new Set([
  "constant", "property", "trait", "feature", "score", "cluster", "change", "since", "days", "percentile", "tile", "bucket", "distance_km", "lower", "default", "when", "negative",
  ...ARITHMETIC, ...OVER_EVENT, ...OVER_PROPERTY,
]);

export const isCondition = (tree: Tree): boolean => CONDITIONS.has(tree.term);
/** Whether there are controls for a term. */
export const isKnown = (term: string): boolean => CONDITIONS.has(term) || VALUES.has(term);

export const SIGNS: Readonly<Record<string, string>> = { "+": "plus", "-": "minus", "*": "times", "/": "divided by" };

export const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && "term" in value;
export const isGroup = (tree: Tree): boolean => tree.term === "and" || tree.term === "or" || (tree.term === "not" && isTree(tree["value"]) && (tree["value"].term === "and" || tree["value"].term === "or"));
export const isComparison = (term: string): boolean => (COMPARISONS as readonly string[]).includes(term);
export const isTextTest = (term: string): boolean => (TEXT_TESTS as readonly string[]).includes(term);
export const isAggregate = (term: string): boolean => OVER_EVENT.includes(term) || OVER_PROPERTY.includes(term);

/** The path as the server writes it: `$.parts[0].value`. */
export function written(path: Path): string {
  return path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : `${text}.${step}`), "$");
}

export function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], root);
}

/** The tree with something else at a path. */
export function put<T>(root: T, path: Path, value: unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return value as T;
  const inner = put((root as Record<string | number, unknown>)?.[step], rest, value);
  if (Array.isArray(root)) return root.map((each, place) => (place === step ? inner : each)) as T;
  return { ...(root as object), [step]: inner } as T;
}

/** An object with some members else; undefined takes one out. */
export function having(tree: Tree, changes: Readonly<Record<string, unknown>>): Tree {
  const made: Tree = { ...tree, ...changes } as Tree;
  for (const [key, value] of Object.entries(changes)) if (value === undefined) delete made[key];
  return made;
}

/* Groups -------------------------------------------------------------------------------------------------------------- */

export function modeOf(tree: Tree): Mode {
  if (tree.term === "and") return "all";
  if (tree.term === "or") return "any";
  return (tree["value"] as Tree).term === "or" ? "none" : "not_all";
}

export function partsOf(tree: Tree): readonly Tree[] {
  const inner = tree.term === "not" ? (tree["value"] as Tree) : tree;
  return (inner["parts"] as Tree[] | undefined) ?? [];
}

/** Whether all of a part can be made and changed with controls. */
export function isMakeable(tree: Tree): boolean {
  const inner = Object.values(tree).flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : [each]));
  return isKnown(tree.term) && inner.every((each) => !isTree(each) || isMakeable(each));
}

/** Where a group's parts are, from the group. */
export function partsPath(tree: Tree): Path {
  return tree.term === "not" ? ["value", "parts"] : ["parts"];
}

export function groupOf(mode: Mode, parts: readonly Tree[]): Tree {
  const inner: Tree = { term: mode === "all" || mode === "not_all" ? "and" : "or", parts };
  return mode === "none" || mode === "not_all" ? { term: "not", value: inner } : inner;
}

/** The conditions of a part that holds or does not, as a group that is not denied. */
export const grouped = (tree: Tree): Tree => (tree.term === "and" || tree.term === "or" ? tree : groupOf("all", [tree]));

/** Whether there is a condition at all. */
export function isEmpty(tree: Tree): boolean {
  return partsOf(tree).every((each) => isGroup(each) && isEmpty(each));
}

/* Conditions ---------------------------------------------------------------------------------------------------------- */

export const negated = (tree: Tree): boolean => tree.term === "not" && !isGroup(tree);
export const bare = (tree: Tree): Tree => (negated(tree) ? (tree["value"] as Tree) : tree);
export const not = (tree: Tree, holds: boolean): Tree => (holds ? { term: "not", value: bare(tree) } : bare(tree));

export type Kind = "integer" | "number" | "money" | "text" | "boolean" | "time" | "date" | "duration" | "location" | "personal";
export interface Constant extends Tree {
  kind: Kind;
  value: string | number | boolean | null;
}

/** A value in a rule; null is one that is still to be chosen. */
export function constant(kind: Kind, value: string | number | boolean | null): Tree {
  if (kind === "integer" && typeof value !== "string") return { term: "constant", kind: "integer", value };
  if (kind === "integer" || kind === "number" || kind === "money") {
    const isWhole = typeof value === "string" && /^-?\d+$/.test(value);
    return isWhole ? { term: "constant", kind: "integer", value: Number(value) } : { term: "constant", kind: "number", value };
  }
  // The server reads times and lengths of time from texts, as rules have them.
  return { term: "constant", kind: kind === "boolean" ? "boolean" : "text", value };
}

export const constantOf = (tree: unknown): string => (isTree(tree) && tree.term === "constant" && tree["value"] !== null && tree["value"] !== undefined ? String(tree["value"]) : "");
export const isUnset = (tree: unknown): boolean => isTree(tree) && tree.term === "constant" && tree["value"] === null;

/** The first value in a rule that is still to be chosen, or the first condition that is still to be said. */
export function unset(tree: unknown, path: Path = []): Path | null {
  if (Array.isArray(tree)) {
    for (const [place, each] of tree.entries()) {
      const found = unset(each, [...path, place]);
      if (found) return found;
    }
    return null;
  }
  if (!isTree(tree)) return null;
  if (isUnset(tree) || tree["argument"] === null) return path;
  if (tree.term === "property" && tree["name"] === "") return path;
  for (const [key, value] of Object.entries(tree)) {
    if (key === "term" || key === "window") continue;
    if (key !== "where" && isNested(tree, value) && !isFinished(value)) return [...path, key];
    const found = unset(value, [...path, key]);
    if (found) return found;
  }
  return null;
}

/** Whether a part of a term is a group of conditions of its own: what has to hold for an event, for a value, for a member. */
export function isNested(tree: Tree, value: unknown): value is Tree {
  return tree.term !== "not" && isTree(value) && (value.term === "and" || value.term === "or");
}

/** Whether something of a condition can be answered. */
export const isFinished = (tree: Tree): boolean => (isGroup(tree) ? partsOf(tree).some(isFinished) : unset(tree) === null);

/* Windows and lengths of time ----------------------------------------------------------------------------------------- */

export const UNITS = [
  { value: "s", label: "seconds", seconds: 1 },
  { value: "m", label: "minutes", seconds: 60 },
  { value: "h", label: "hours", seconds: 3_600 },
  { value: "d", label: "days", seconds: 86_400 },
  { value: "w", label: "weeks", seconds: 604_800 },
] as const;

/** "1d12h" as a number of one unit. */
export function duration(text: string): { count: number; unit: string } {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([wdhms])/g)].map((found) => ({ count: Number(found[1]), unit: found[2] as string }));
  if (parts.length === 1 && parts[0]) return parts[0];
  const seconds = parts.reduce((sum, each) => sum + each.count * (UNITS.find((unit) => unit.value === each.unit)?.seconds ?? 1), 0);
  const unit = [...UNITS].reverse().find((each) => seconds % each.seconds === 0 && seconds > 0);
  return unit ? { count: seconds / unit.seconds, unit: unit.value } : { count: seconds, unit: seconds ? "s" : "d" };
}

export type WindowKind = "ever" | "last" | "between" | "since" | "today" | "this_week" | "this_month";

export function windowKind(window: unknown): WindowKind {
  const key = window && typeof window === "object" ? Object.keys(window)[0] : undefined;
  return (key as WindowKind | undefined) ?? "ever";
}

export function windowOf(kind: WindowKind, before: unknown): unknown {
  const known = before && typeof before === "object" ? (before as Record<string, unknown>) : {};
  if (kind === "ever") return undefined;
  if (kind === "last") return { last: typeof known["last"] === "string" ? known["last"] : "30d" };
  if (kind === "between") return { between: [typeof known["last"] === "string" && known["last"] !== "7d" ? known["last"] : "30d", "7d"] };
  if (kind === "since") return { since: `${new Date().getFullYear()}-01-01` };
  return { [kind]: true };
}
