/** Figures about what people did: which event, what of it, over which time, under which condition. */

import { Combobox, Select } from "../../parts";
import { AddCondition } from "./AddCondition";
import { GroupBody } from "./Group";
import { rowEntries } from "./palette";
import { WindowField } from "./Times";
import { groupOf, having, isTree, OVER_PROPERTY, type Path, type Tree } from "./tree";
import { useActs } from "./useEditor";
import { isNumeric, propertiesOf, RowContext, useVocabulary, type NameWords } from "./vocabulary";

/** One of the project's events. */
export function EventField({ value, onChange, label = "Event" }: { value: string; onChange: (event: string) => void; label?: string }) {
  const words = useVocabulary();
  const options = words.events.map((each) => ({ value: each.name, label: each.name, about: each.label, hint: each.times === null ? "" : each.times.toLocaleString("en-GB") }));
  return <Combobox inline label={label} value={value} options={options} onChange={onChange} placeholder="which event" invalid={value === ""} />;
}

/** One of an event's properties. */
export function PropertyField({ event, value, onChange, fits, none }: { event: string; value: string; onChange: (name: string) => void; fits?: (each: NameWords) => boolean; none?: string }) {
  const words = useVocabulary();
  const options = propertiesOf(words, event)
    .filter((each) => fits?.(each) ?? true)
    .map((each) => ({ value: each.name, label: each.label || each.name, hint: each.kind }));
  return <Combobox inline label="Property" value={value} options={none ? [{ value: "", label: none }, ...options] : options} onChange={onChange} placeholder="which property" invalid={value === "" && !none} />;
}

const FIGURES = [
  { value: "count", label: "how often" },
  { value: "sum", label: "total of" },
  { value: "avg", label: "average of" },
  { value: "min", label: "least of" },
  { value: "max", label: "most of" },
  { value: "distinct", label: "how many different" },
  { value: "mode", label: "most frequent" },
  { value: "first", label: "first" },
  { value: "latest", label: "latest" },
  { value: "first_at", label: "when first" },
  { value: "last_at", label: "when last" },
];

const NUMERIC = new Set(["sum", "avg"]);

/** The property that a figure of another kind would be about. */
export function figureOf(words: ReturnType<typeof useVocabulary>, before: Tree, term: string): Tree {
  const event = String(before["event"] ?? "");
  const made: Tree = { term, event };
  if (before["where"]) made["where"] = before["where"];
  if (before["window"]) made["window"] = before["window"];
  if (!OVER_PROPERTY.includes(term)) return made;
  const known = propertiesOf(words, event);
  const kept = known.find((each) => each.name === before["property"]);
  const fits = (each: NameWords) => !NUMERIC.has(term) || isNumeric(each.kind as never);
  return { ...made, property: kept && fits(kept) ? kept.name : (known.find(fits)?.name ?? "") };
}

/** A figure over events, as a value. */
export function FigureField({ tree, path, bare }: { tree: Tree; path: Path; bare?: boolean }) {
  const words = useVocabulary();
  const acts = useActs();
  const set = (changes: Record<string, unknown>) => acts.set(path, having(tree, changes));
  return (
    <>
      {!bare && <Select aria-label="What of it" value={tree.term} onChange={(term) => acts.set(path, figureOf(words, tree, term))} of={FIGURES} />}
      {OVER_PROPERTY.includes(tree.term) && (
        <>
          <PropertyField event={String(tree["event"])} value={String(tree["property"] ?? "")} onChange={(property) => set({ property })} fits={(each) => !NUMERIC.has(tree.term) || isNumeric(each.kind as never)} />
          <span>of</span>
        </>
      )}
      <EventField value={String(tree["event"] ?? "")} onChange={(event) => acts.set(path, { ...figureOf(words, { ...tree, event, where: undefined }, tree.term) })} />
      <WindowField value={tree["window"]} onChange={(window) => set({ window })} />
      <WhereField tree={tree} path={path} event={String(tree["event"] ?? "")} />
    </>
  );
}

/** The condition on single events: a small group of its own. */
export function WhereField({ tree, path, event }: { tree: Tree; path: Path; event: string }) {
  const words = useVocabulary();
  const acts = useActs();
  const where = tree["where"];
  const entries = rowEntries(propertiesOf(words, event));
  const begin = (part: Tree) => {
    acts.set([...path, "where"], groupOf("all", [part]));
    acts.focus([...path, "where", "parts", 0]);
  };
  if (!isTree(where)) return <AddCondition entries={entries} onAdd={begin} label={`Only ${event} where`} words="where…" small />;
  return (
    <RowContext value={event}>
      <div className="rule-where" role="group" aria-label={`Only ${event} where`}>
        <span className="rule-joint">where</span>
        <GroupBody tree={where} path={[...path, "where"]} entries={entries} onEmpty={() => acts.set(path, having(tree, { where: undefined }))} />
      </div>
    </RowContext>
  );
}

/** Several events in order. */
export function StepsField({ tree, path }: { tree: Tree; path: Path }) {
  const acts = useActs();
  const words = useVocabulary();
  const events = (tree["events"] as string[] | undefined) ?? [];
  const set = (next: readonly string[]) => acts.set([...path, "events"], next);
  return (
    <>
      {events.map((event, place) => (
        <span key={place} className="rule-words">
          {place > 0 && <span>then</span>}
          <EventField label={`Step ${place + 1}`} value={event} onChange={(next) => set(events.map((each, where) => (where === place ? next : each)))} />
          {events.length > 2 && (
            <button type="button" className="rule-small" aria-label={`Take out step ${place + 1}`} onClick={() => set(events.filter((_, where) => where !== place))}>
              ×
            </button>
          )}
        </span>
      ))}
      {events.length < 10 && (
        <button type="button" className="rule-small" onClick={() => set([...events, words.events[0]?.name ?? ""])}>
          + then
        </button>
      )}
    </>
  );
}
