/** What can be added to a rule: one list to search, each entry with the condition that it makes. */

import type { ComboOption } from "../../parts";
import { constant, groupOf, type Kind, type Tree } from "./tree";
import { isNumeric, labelOf, usualEvent, type NameWords, type Vocabulary } from "./vocabulary";

export interface Entry extends ComboOption {
  make: () => Tree;
}

/** A comparison that fits a kind, its value still to be chosen. */
export function compared(left: Tree, kind: Kind | null): Tree {
  if (kind === "boolean") return left;
  if (kind === "personal" || kind === "location") return { term: "exists", value: left };
  if (kind === "time" || kind === "date") return { term: "<=", left: { term: "since", value: left }, right: constant("duration", "30d") };
  if (kind === "duration") return { term: ">=", left, right: constant("duration", "30d") };
  return { term: isNumeric(kind) ? ">=" : "==", left, right: constant(kind ?? "text", null) };
}

function about(space: "trait" | "feature", each: NameWords, all: readonly NameWords[]): Entry {
  // Two that are called the same are told apart by their names.
  const hint = all.some((other) => other !== each && other.label === each.label) ? `${space} ${each.name}` : space;
  return {
    value: `${space}.${each.name}`,
    label: each.label || each.name,
    hint,
    make: () => compared({ term: space, name: each.name }, each.kind as Kind),
  };
}

/** Everything that can be added to a rule about people. */
export function ruleEntries(words: Vocabulary): Entry[] {
  const events = words.events.map<Entry>((each) => ({
    value: `did ${each.name}`,
    label: each.name,
    about: each.label,
    hint: each.times === null ? "what they did" : `${each.times.toLocaleString("en-GB")} times`,
    make: () => ({ term: "did", event: each.name, window: { last: "30d" } }),
  }));
  const consents = words.purposes.map<Entry>((each) => ({
    value: `consent.${each.name}`,
    label: `Consents to ${each.label || each.name}`,
    hint: "consent",
    make: () => ({ term: "consent", name: each.name }),
  }));
  const segments = words.segments.map<Entry>((each) => ({
    value: `segment.${each.name}`,
    label: `In ${each.label || each.name}`,
    hint: words.segments.some((other) => other !== each && other.label === each.label) ? `segment ${each.name}` : "segment",
    make: () => ({ term: "segment", name: each.name }),
  }));
  return [
    ...events,
    ...consents,
    ...words.traits.map((each) => about("trait", each, words.traits)),
    ...words.features.map((each) => about("feature", each, words.features)),
    ...segments,
    ...words.clusters.map<Entry>((name) => ({ value: `cluster.${name}`, label: `Cluster ${labelOf(words, "cluster", name)}`, hint: "cluster", make: () => compared({ term: "cluster", name }, "text") })),
    ...words.scores.map<Entry>((name) => ({ value: `score.${name}`, label: `Score ${name}`, hint: "score", make: () => compared({ term: "score", name }, "number") })),
    ...courses(words),
    ...others(words),
  ];
}

function courses(words: Vocabulary): Entry[] {
  const [seen, bought, visit] = [usualEvent(words, "Product Viewed", "Page Viewed"), usualEvent(words, "Order Completed"), usualEvent(words, "Session")];
  return [
    { value: "stopped", label: "Stopped doing something", hint: "in what order", make: () => ({ term: "stopped", event: visit, after: "21d" }) },
    { value: "sequence", label: "One thing after another", hint: "in what order", make: () => ({ term: "sequence", events: [seen, bought], within: "1d", window: { last: "30d" } }) },
    { value: "followed", label: "One thing followed by another", hint: "in what order", make: () => ({ term: "followed", event: seen, by: bought, within: "1d", window: { last: "30d" } }) },
    { value: "unfollowed", label: "One thing not followed by another", hint: "in what order", make: () => ({ term: "unfollowed", event: seen, by: bought, within: "1d", window: { last: "30d" } }) },
    { value: "regularly", label: "Does something regularly", hint: "in what order", make: () => ({ term: "regularly", event: visit, every: "7d", periods: 3, of: 4 }) },
  ];
}

function others(words: Vocabulary): Entry[] {
  const figure: Tree = words.features.find((each) => isNumeric(each.kind as Kind))
    ? { term: "feature", name: words.features.find((each) => isNumeric(each.kind as Kind))?.name }
    : { term: "count", event: usualEvent(words, "Order Completed") };
  const event = usualEvent(words, "Order Completed");
  const places = words.traits.filter((each) => each.kind === "location");
  return [
    { value: "percentile", label: "Among the top share by a figure", hint: "place among all", make: () => ({ term: ">=", left: { term: "percentile", value: figure }, right: constant("number", "0.9") }) },
    { value: "top", label: "Among the top number by a figure", hint: "place among all", make: () => ({ term: "top", value: figure, n: 1000 }) },
    { value: "tile", label: "Quantile score of a figure", hint: "place among all", make: () => ({ term: "==", left: { term: "tile", value: figure, n: 5 }, right: constant("integer", 5) }) },
    { value: "change", label: "Change against the time before", hint: "reckon", make: () => ({ term: "<", left: { term: "change", value: { term: "count", event }, last: "30d" }, right: constant("number", "0.5") }) },
    { value: "when", label: "A figure, only when something holds", hint: "reckon", make: () => ({ term: ">=", left: { term: "when", condition: groupOf("all", []), value: figure }, right: constant("integer", null) }) },
    { value: "whether", label: "Everybody", hint: "all or nobody", make: () => constant("boolean", true) },
    { value: "figure", label: "A figure of your own", hint: "reckon", make: () => ({ term: ">=", left: { term: "/", left: { term: "count", event }, right: { term: "count", event: usualEvent(words, "Session") } }, right: constant("number", "0.5") }) },
    ...words.relations.flatMap<Entry>((relation) => [
      { value: `any ${relation}`, label: `Somebody of the ${relation}`, hint: "group", make: () => ({ term: "any", relation, condition: groupOf("all", []) }) },
    ]),
    ...places.map<Entry>((each) => ({ value: `distance ${each.name}`, label: `Distance from ${each.label || each.name}`, hint: "trait", make: () => ({ term: "<", left: { term: "distance_km", trait: each.name, latitude: "52.5", longitude: "13.4" }, right: constant("integer", 50) }) })),
    { value: "bucket", label: "A random share of people", hint: "draw", make: () => ({ term: "<", left: { term: "bucket", salt: "draw" }, right: constant("integer", 5000) }) },
    { value: "group all", label: "Group: all of", hint: "group", make: () => groupOf("all", []) },
    { value: "group any", label: "Group: any of", hint: "group", make: () => groupOf("any", []) },
    { value: "group none", label: "Group: none of", hint: "group", make: () => groupOf("none", []) },
  ];
}

/** What can be added to a condition on one event. */
export function rowEntries(properties: readonly NameWords[]): Entry[] {
  return [
    ...properties.map<Entry>((each) => ({
      value: `property.${each.name}`,
      label: each.label || each.name,
      hint: each.kind,
      make: () => compared({ term: "property", name: each.name }, each.kind as Kind),
    })),
    { value: "group any", label: "Group: any of", hint: "group", make: () => groupOf("any", []) },
    { value: "group none", label: "Group: none of", hint: "group", make: () => groupOf("none", []) },
  ];
}
