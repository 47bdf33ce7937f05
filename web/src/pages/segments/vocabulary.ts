/** What a builder offers, from the server: events, names, values; and what kind of value each part of a rule gives. */

import { keepPreviousData } from "@tanstack/react-query";
import { createContext, use } from "react";
import { useAsk, type Answer } from "../../api/client";
import type { ComboOption } from "../../parts";
import { isAggregate, isCondition, isTree, type Kind, type Tree } from "./tree";

export type Vocabulary = Answer<"GET /api/v1/vocabulary">;
export type EventWords = Vocabulary["events"][number];
export type NameWords = Vocabulary["traits"][number];

export function useVocabularyAnswer() {
  return useAsk("GET /api/v1/vocabulary", undefined, { staleTime: 60_000 });
}

export const VocabularyContext = createContext<Vocabulary | null>(null);

export function useVocabulary(): Vocabulary {
  const found = use(VocabularyContext);
  if (!found) throw new Error("There is no vocabulary here.");
  return found;
}

/** The event that a condition is about; null outside of conditions on one event. */
export const RowContext = createContext<string | null>(null);

export function propertiesOf(words: Vocabulary, event: string): readonly NameWords[] {
  const own = words.events.find((each) => each.name === event)?.properties ?? [];
  return [...own, ...words.clock];
}

/** Values that a property of an event or a trait has, with how often. */
export function useValues(event: string | null, name: string, like: string, isWanted: boolean): readonly ComboOption[] {
  const found = useAsk(
    "GET /api/v1/vocabulary/values",
    { query: { ...(event ? { event } : {}), name, ...(like ? { like } : {}) } },
    { enabled: isWanted && name !== "", staleTime: 300_000, placeholderData: keepPreviousData, retry: false },
  );
  return (found.data ?? []).map((each) => ({ value: each.value, label: each.value, hint: each.count.toLocaleString("en-GB") }));
}

const NAMED = { trait: "traits", feature: "features", segment: "segments", consent: "purposes" } as const;

/** What a name is called for people. */
export function labelOf(words: Vocabulary, space: string, name: string): string {
  const listed = NAMED[space as keyof typeof NAMED];
  const found = listed ? words[listed].find((each) => each.name === name) : undefined;
  return found?.label || name.replaceAll("_", " ");
}

const NUMBERS = new Set(["count", "distinct", "bucket", "tile"]);
const FRACTIONS = new Set(["avg", "days", "percentile", "change", "distance_km", "/"]);
const PARTS: Readonly<Record<string, Kind>> = { decile: "integer", low: "boolean", high: "boolean" };

/** The kind of value that a part gives; null where it cannot be told here. */
export function kindOf(words: Vocabulary, tree: unknown, row: string | null): Kind | null {
  if (!isTree(tree)) return null;
  const { term } = tree;
  const inner = () => kindOf(words, tree["value"], row);
  if (NUMBERS.has(term)) return "integer";
  if (FRACTIONS.has(term)) return "number";
  if (isCondition(tree)) return "boolean";
  if (term === "score") return PARTS[String(tree["part"])] ?? "number";
  if (term === "constant") return tree["kind"] as Kind;
  if (term === "first_at" || term === "last_at") return "time";
  if (term === "since") return "duration";
  if (term === "lower" || term === "cluster") return "text";
  if (term === "property") return propertiesOf(words, row ?? "").find((each) => each.name === tree["name"])?.kind ?? null;
  if (term === "trait" || term === "feature") return words[NAMED[term]].find((each) => each.name === tree["name"])?.kind ?? null;
  if (isAggregate(term)) return propertiesOf(words, String(tree["event"])).find((each) => each.name === tree["property"])?.kind ?? null;
  if (term === "default" || term === "when" || term === "negative") return inner();
  return ["+", "-", "*"].includes(term) ? kindOf(words, tree["left"], row) : null;
}

export const isNumeric = (kind: Kind | null): boolean => kind === "integer" || kind === "number" || kind === "money";

/** What stands behind a value: for which suggestions are asked. */
export function valuesOf(tree: unknown, row: string | null): { event: string | null; name: string } | null {
  if (!isTree(tree)) return null;
  if (tree.term === "property") return { event: row, name: String(tree["name"]) };
  if (tree.term === "trait") return { event: null, name: String(tree["name"]) };
  if (["mode", "first", "latest", "min", "max"].includes(tree.term)) return { event: String(tree["event"]), name: String(tree["property"]) };
  return tree.term === "lower" ? valuesOf(tree["value"], row) : null;
}

/** A definition's first event that looks like this, else the first of all. */
export function usualEvent(words: Vocabulary, ...wanted: readonly string[]): string {
  const names = words.events.map((each) => each.name);
  return wanted.find((each) => names.includes(each)) ?? names[0] ?? "";
}

export const isKnownTree = (tree: Tree): boolean => typeof tree.term === "string";
