/** Values of a rule: figures, names, and what is reckoned from them; whatever the language has can be made here. */

import { use } from "react";
import { Combobox, Input, Select, type ComboOption } from "../../parts";
import { ConstantField } from "./Constants";
import { FigureField, PropertyField } from "./Figures";
import { OnlyWhen, Whether } from "./Nested";
import { Reckon } from "./Reckon";
import { DurationField, TimedContext } from "./Times";
import { ARITHMETIC, constant, having, isAggregate, isCondition, isTree, isUnset, SIGNS, type Kind, type Path, type Tree } from "./tree";
import { NumberField, WholeField } from "./Typed";
import { useActs } from "./useEditor";
import { kindOf, propertiesOf, RowContext, useVocabulary, usualEvent, type Vocabulary } from "./vocabulary";

/** Whether a kind can stand where another is wanted. */
const fits = (kind: string, wants: Kind | null) => wants === null || kind === wants || (wants === "time" && kind === "date");

/** What a value can be, as one list. */
function sources(words: Vocabulary, row: string | null, wants: Kind | null): ComboOption[] {
  if (row !== null) return propertiesOf(words, row).filter((each) => fits(each.kind, wants)).map((each) => ({ value: `property.${each.name}`, label: each.label || each.name, hint: each.kind }));
  const named = (space: "feature" | "trait", list: Vocabulary["traits"]) => list.filter((each) => fits(each.kind, wants)).map((each) => ({ value: `${space}.${each.name}`, label: each.label || each.name, hint: space }));
  const names = [...named("feature", words.features), ...named("trait", words.traits)];
  if (wants === "time") return [{ value: "moment", label: "an event", hint: "what they did" }, ...names];
  return [
    { value: "event", label: "a figure about an event", hint: "what they did" },
    ...names,
    ...words.scores.map((name) => ({ value: `score.${name}`, label: `Score ${name}`, hint: "score" })),
    ...words.clusters.map((name) => ({ value: `cluster.${name}`, label: `Cluster ${name}`, hint: "cluster" })),
    { value: "since", label: "time since something", hint: "reckon" },
    { value: "whether", label: "whether something holds", hint: "reckon" },
    { value: "bucket", label: "a random number", hint: "draw" },
    ...words.traits.filter((each) => each.kind === "location").map((each) => ({ value: `distance.${each.name}`, label: `Distance from ${each.label || each.name}`, hint: "trait" })),
    { value: "constant", label: "a number", hint: "reckon" },
  ];
}

function chosen(words: Vocabulary, value: string): Tree {
  const event = usualEvent(words, "Order Completed");
  if (value === "event") return { term: "count", event, window: { last: "30d" } };
  if (value === "moment") return { term: "last_at", event };
  if (value === "since") return { term: "since", value: { term: "last_at", event } };
  if (value === "whether") return { term: "and", parts: [] };
  if (value === "bucket") return { term: "bucket", salt: "draw" };
  if (value === "constant") return constant("integer", 1);
  const [space = "", name = ""] = value.split(/\.(.*)/s);
  if (space === "distance") return { term: "distance_km", trait: name, latitude: "52.5", longitude: "13.4" };
  return { term: space, name };
}

/** What somebody typed where a value is wanted. */
function typedValue(text: string): Tree {
  return /^-?\d+(\.\d+)?$/.test(text) ? constant("number", text) : constant("text", text);
}

const NAMES = new Set(["feature", "trait", "score", "cluster"]);

/** Whether what can be made of a value is offered within its frame. */
const holdsItsMenu = (tree: Tree): boolean => tree.term === "when" || isCondition(tree) || ARITHMETIC.includes(tree.term) || REFRAMED.has(tree.term);
const REFRAMED = new Set(["days", "percentile", "tile", "change", "negative", "lower", "bucket", "distance_km", "default"]);

/** A part of a rule that gives a value. */
export function ValueField({ tree, path, wants = null, framed }: { tree: Tree; path: Path; wants?: Kind | null; framed?: boolean }) {
  return (
    <span className="rule-flow">
      <Said tree={tree} path={path} wants={wants} />
      {!(framed && (NAMES.has(tree.term) || tree.term === "property")) && !holdsItsMenu(tree) && <Reckon tree={tree} path={path} />}
    </span>
  );
}

function Said({ tree, path, wants }: { tree: Tree; path: Path; wants: Kind | null }) {
  const row = use(RowContext);
  const acts = useActs();
  const { term } = tree;
  const value = (key = "value") => isTree(tree[key]) && <ValueField tree={tree[key]} path={[...path, key]} />;
  if (term === "property") return <PropertyField event={row ?? ""} value={String(tree["name"])} onChange={(name) => acts.set([...path, "name"], name)} />;
  if (isCondition(tree)) return <Whether tree={tree} path={path} />;
  if (isAggregate(term)) return <FigureField tree={tree} path={path} />;
  if (NAMES.has(term) || isUnset(tree)) return <Source tree={tree} path={path} wants={wants} />;
  if (term === "constant") return <ConstantField value={tree} kind={tree["kind"] as Kind} onChange={(next) => !isUnset(next) && acts.set(path, next)} />;
  if (term === "when") return <OnlyWhen tree={tree} path={path}>{value()}</OnlyWhen>;
  if (term === "since" || (term === "days" && isTree(tree["value"]) && tree["value"].term === "since")) return <Elapsed tree={tree} path={path} />;
  if (ARITHMETIC.includes(term)) {
    return (
      <span className="rule-brackets">
        {value("left")}
        <Select aria-label="Reckon" value={term} onChange={(next) => acts.set(path, { ...tree, term: next })} of={ARITHMETIC.map((each) => ({ value: each, label: SIGNS[each] ?? each }))} />
        {value("right")}
        <Reckon whole tree={tree} path={path} />
      </span>
    );
  }
  return <Reckoned tree={tree} path={path} />;
}

const LEADS: Readonly<Record<string, string>> = { percentile: "percentile by", change: "change of", negative: "minus", lower: "in small letters", days: "in days", tile: "quantile score of" };

/** What is made of one other value, and what is drawn or measured. */
function Reckoned({ tree, path }: { tree: Tree; path: Path }) {
  const words = useVocabulary();
  const row = use(RowContext);
  const acts = useActs();
  const { term } = tree;
  const inner = tree["value"];
  // Beside the words before a value that may fill lines.
  const leads = term in LEADS;
  const set = (changes: Record<string, unknown>) => acts.set(path, having(tree, changes));
  return (
    <span className="rule-brackets">
      {LEADS[term] && <span>{LEADS[term]}</span>}
      {leads && <Reckon whole tree={tree} path={path} />}
      {term === "bucket" && (
        <>
          <span>random number (0–9999) drawn by</span>
          <Input className="rule-text" aria-label="Salt" value={String(tree["salt"])} onChange={(salt) => salt && set({ salt })} />
        </>
      )}
      {term === "tile" && (
        <>
          <WholeField label="Tiles" least={2} most={100} value={Number(tree["n"])} onChange={(n) => set({ n })} />
          <span>by</span>
        </>
      )}
      {term === "distance_km" && <Distance tree={tree} path={path} />}
      {isTree(inner) && (
        <TimedContext value={use(TimedContext) || term === "change"}>
          <ValueField framed tree={inner} path={[...path, "value"]} />
        </TimedContext>
      )}
      {term === "change" && (
        <>
          <span>over</span>
          <DurationField label="How long" value={String(tree["last"])} onChange={(last) => set({ last })} />
        </>
      )}
      {term === "default" && (
        <>
          <span>or else</span>
          <ConstantField value={tree["fallback"]} kind={kindOf(words, inner, row)} beside={inner} label="Or else" onChange={(fallback) => set({ fallback })} />
        </>
      )}
      {!leads && <Reckon whole tree={tree} path={path} />}
    </span>
  );
}

function Source({ tree, path, wants }: { tree: Tree; path: Path; wants: Kind | null }) {
  const words = useVocabulary();
  const acts = useActs();
  const row = use(RowContext);
  const isOpen = isUnset(tree);
  const options = sources(words, row, wants);
  const take = (next: string) => {
    const made = options.some((each) => each.value === next) ? chosen(words, next) : next === "" ? null : typedValue(next);
    if (made) acts.set(path, made);
    if (next === "whether") acts.focus(path);
  };
  return (
    <>
      <Combobox inline free={isOpen} label="What" value={isOpen ? "" : `${tree.term}.${String(tree["name"])}`} options={options} onChange={take} placeholder="what, or a value" invalid={isOpen} />
      {tree.term === "score" && (
        <Select
          aria-label="Which part"
          value={String(tree["part"] ?? "")}
          onChange={(part) => acts.set(path, having(tree, { part: part || undefined }))}
          of={["", "decile", "low", "high"].map((part) => ({ value: part, label: part || "score" }))}
        />
      )}
    </>
  );
}

const MOMENTS = [
  { value: "last_at", label: "the last" },
  { value: "first_at", label: "the first" },
  { value: "other", label: "another moment…" },
];

/** The time since a moment: the last of an event, or any other. */
function Elapsed({ tree, path }: { tree: Tree; path: Path }) {
  const acts = useActs();
  const isDays = tree.term === "days";
  const place: Path = isDays ? [...path, "value", "value"] : [...path, "value"];
  const moment = (isDays ? (tree["value"] as Tree)["value"] : tree["value"]) as Tree;
  const isEvent = moment.term === "first_at" || moment.term === "last_at";
  return (
    <>
      <span>{isDays ? "days since" : "time since"}</span>
      {isEvent ? (
        <>
          <Select aria-label="First or last" value={moment.term} onChange={(term) => acts.set(place, term === "other" ? constant("text", null) : { ...moment, term })} of={MOMENTS} />
          <FigureField tree={moment} path={place} bare />
        </>
      ) : (
        <ValueField tree={moment} path={place} wants="time" />
      )}
    </>
  );
}

function Distance({ tree, path }: { tree: Tree; path: Path }) {
  const words = useVocabulary();
  const acts = useActs();
  const set = (changes: Record<string, unknown>) => acts.set(path, having(tree, changes));
  const known = words.traits.filter((each) => each.kind === "location").map((each) => ({ value: each.name, label: each.label || each.name }));
  const trait = String(tree["trait"]);
  return (
    <>
      <span>km from</span>
      <Select aria-label="From where" value={trait} onChange={(next) => set({ trait: next })} of={known.some((each) => each.value === trait) ? known : [{ value: trait, label: trait }, ...known]} />
      <span>to latitude</span>
      <NumberField label="Latitude" value={String(tree["latitude"])} most={90} onChange={(latitude) => set({ latitude })} />
      <span>longitude</span>
      <NumberField label="Longitude" value={String(tree["longitude"])} most={180} onChange={(longitude) => set({ longitude })} />
    </>
  );
}
