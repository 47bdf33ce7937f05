/** Values of a rule: figures, names, and what is reckoned from them; whatever the language has can be made here. */

import { use } from "react";
import { Combobox, Input, Menu, Select, type ComboOption } from "../../parts";
import { ConstantField } from "./Constants";
import { FigureField, PropertyField, WholeField } from "./Figures";
import { DurationField } from "./Times";
import { ARITHMETIC, constant, having, isAggregate, isTree, type Kind, type Path, type Tree } from "./tree";
import { useActs } from "./useEditor";
import { isNumeric, kindOf, RowContext, useVocabulary, usualEvent, type Vocabulary } from "./vocabulary";

/** What a value can be, as one list. */
function sources(words: Vocabulary): ComboOption[] {
  return [
    { value: "event", label: "a figure about an event", hint: "what they did" },
    ...words.features.map((each) => ({ value: `feature.${each.name}`, label: each.label || each.name, hint: "feature" })),
    ...words.traits.map((each) => ({ value: `trait.${each.name}`, label: each.label || each.name, hint: "trait" })),
    ...words.scores.map((name) => ({ value: `score.${name}`, label: `Score ${name}`, hint: "score" })),
    ...words.clusters.map((name) => ({ value: `cluster.${name}`, label: `Cluster ${name}`, hint: "cluster" })),
    { value: "since", label: "time since something", hint: "reckon" },
    { value: "constant", label: "a number", hint: "reckon" },
  ];
}

function chosen(words: Vocabulary, value: string): Tree {
  const event = usualEvent(words, "Order Completed");
  if (value === "event") return { term: "count", event, window: { last: "30d" } };
  if (value === "since") return { term: "since", value: { term: "last_at", event } };
  if (value === "constant") return constant("integer", 1);
  const [space = "", name = ""] = value.split(/\.(.*)/s);
  return { term: space, name };
}

const NAMES = new Set(["feature", "trait", "score", "cluster", "segment", "consent"]);
const SIGNS: Readonly<Record<string, string>> = { "+": "plus", "-": "minus", "*": "times", "/": "divided by" };

/** A part of a rule that gives a value. */
export function ValueField({ tree, path, plain }: { tree: Tree; path: Path; plain?: boolean }) {
  const words = useVocabulary();
  const row = use(RowContext);
  const kind = kindOf(words, tree, row);
  return (
    <span className="rule-flow">
      <Said tree={tree} path={path} />
      {!plain && <Reckon tree={tree} path={path} kind={kind} />}
    </span>
  );
}

function Said({ tree, path }: { tree: Tree; path: Path }) {
  const words = useVocabulary();
  const row = use(RowContext);
  const acts = useActs();
  const { term } = tree;
  const inner = tree["value"];
  const set = (changes: Record<string, unknown>) => acts.set(path, having(tree, changes));
  const value = (key = "value") => (isTree(tree[key]) ? <ValueField tree={tree[key]} path={[...path, key]} plain={isPlain(tree[key])} /> : null);
  if (term === "property") return <PropertyField event={row ?? ""} value={String(tree["name"])} onChange={(name) => set({ name })} />;
  if (isAggregate(term)) return <FigureField tree={tree} path={path} />;
  if (NAMES.has(term)) return <Source tree={tree} path={path} />;
  if (term === "constant") return <ConstantField value={tree} kind={tree["kind"] as Kind} onChange={(next) => acts.set(path, next)} />;
  if (term === "since" || term === "days") return <Elapsed tree={tree} path={path} />;
  if (ARITHMETIC.includes(term)) {
    return (
      <span className="rule-brackets">
        {value("left")}
        <Select aria-label="Reckon" value={term} onChange={(next) => acts.set(path, { ...tree, term: next })} of={ARITHMETIC.map((each) => ({ value: each, label: SIGNS[each] ?? each }))} />
        {value("right")}
      </span>
    );
  }
  return (
    <span className="rule-brackets">
      {term === "percentile" && <span>percentile by</span>}
      {term === "change" && <span>change of</span>}
      {term === "negative" && <span>minus</span>}
      {term === "lower" && <span>in small letters</span>}
      {term === "bucket" && (
        <>
          <span>random number (0–9999) drawn by</span>
          <Input className="rule-text" aria-label="Salt" value={String(tree["salt"])} onChange={(salt) => salt && set({ salt })} />
        </>
      )}
      {term === "tile" && (
        <>
          <span>quantile score of</span>
          <WholeField label="Tiles" least={2} most={100} value={Number(tree["n"])} onChange={(n) => set({ n })} />
          <span>by</span>
        </>
      )}
      {term === "distance_km" && <Distance tree={tree} path={path} />}
      {isTree(inner) && value()}
      {term === "change" && (
        <>
          <span>over</span>
          <DurationField label="How long" value={String(tree["last"])} onChange={(last) => set({ last })} />
        </>
      )}
      {term === "default" && (
        <>
          <span>or else</span>
          <ConstantField value={tree["fallback"]} kind={kindOf(words, inner, row)} label="Or else" onChange={(fallback) => set({ fallback })} />
        </>
      )}
      {term === "when" && <span className="quiet">only when {String((tree["condition"] as Tree | undefined)?.term ?? "")} holds (edit as text)</span>}
    </span>
  );
}

const isPlain = (tree: unknown): boolean => isTree(tree) && (tree.term === "constant" || NAMES.has(tree.term));

function Source({ tree, path }: { tree: Tree; path: Path }) {
  const words = useVocabulary();
  const acts = useActs();
  const value = `${tree.term}.${String(tree["name"])}`;
  return (
    <>
      <Combobox inline label="What" value={value} options={sources(words)} onChange={(next) => acts.set(path, chosen(words, next))} />
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

function Elapsed({ tree, path }: { tree: Tree; path: Path }) {
  const acts = useActs();
  const words = useVocabulary();
  const isDays = tree.term === "days";
  const moment = (isDays ? (tree["value"] as Tree)["value"] : tree["value"]) as Tree;
  const place: Path = isDays ? [...path, "value", "value"] : [...path, "value"];
  return (
    <>
      <span>{isDays ? "days since" : "time since"}</span>
      {moment.term === "first_at" || moment.term === "last_at" ? (
        <>
          <Select
            aria-label="First or last"
            value={moment.term}
            onChange={(term) => acts.set(place, { ...moment, term })}
            of={[
              { value: "last_at", label: "the last" },
              { value: "first_at", label: "the first" },
            ]}
          />
          <FigureField tree={moment} path={place} bare />
        </>
      ) : (
        <Combobox
          inline
          label="Since when"
          value={`${moment.term}.${String(moment["name"])}`}
          options={[{ value: "event", label: "an event" }, ...words.traits.filter((each) => each.kind === "time" || each.kind === "date").map((each) => ({ value: `trait.${each.name}`, label: each.label, hint: "trait" }))]}
          onChange={(next) => acts.set(place, next === "event" ? { term: "last_at", event: usualEvent(words, "Order Completed") } : { term: "trait", name: next.slice(6) })}
        />
      )}
    </>
  );
}

function Distance({ tree, path }: { tree: Tree; path: Path }) {
  const words = useVocabulary();
  const acts = useActs();
  const set = (changes: Record<string, unknown>) => acts.set(path, having(tree, changes));
  return (
    <>
      <span>km from</span>
      <Select aria-label="From where" value={String(tree["trait"])} onChange={(trait) => set({ trait })} of={words.traits.filter((each) => each.kind === "location").map((each) => ({ value: each.name, label: each.label }))} />
      <span>to</span>
      <Input className="rule-number" aria-label="Latitude" value={String(tree["latitude"])} onChange={(latitude) => /^-?\d+(\.\d+)?$/.test(latitude) && set({ latitude })} />
      <Input className="rule-number" aria-label="Longitude" value={String(tree["longitude"])} onChange={(longitude) => /^-?\d+(\.\d+)?$/.test(longitude) && set({ longitude })} />
    </>
  );
}

/** Makes something else of a value, or takes that away again. */
function Reckon({ tree, path, kind }: { tree: Tree; path: Path; kind: Kind | null }) {
  const acts = useActs();
  const row = use(RowContext);
  const wrap = (made: Tree) => () => acts.set(path, made);
  const numeric = isNumeric(kind);
  const inner = tree["value"] ?? tree["left"];
  const items = [
    ...(numeric && row === null
      ? [
          { label: "Percentile of it", onSelect: wrap({ term: "percentile", value: tree }) },
          { label: "Quantile score of it", onSelect: wrap({ term: "tile", value: tree, n: 5 }) },
          { label: "Its change over time", onSelect: wrap({ term: "change", value: having(tree, { window: undefined }), last: "30d" }) },
        ]
      : []),
    ...(numeric ? ARITHMETIC.map((sign) => ({ label: `${SIGNS[sign] ?? sign} …`, onSelect: wrap({ term: sign, left: tree, right: constant("integer", 1) }) })) : []),
    ...(kind === "text" ? [{ label: "In small letters", onSelect: wrap({ term: "lower", value: tree }) }] : []),
    ...(tree.term === "since" ? [{ label: "In days, as a number", onSelect: wrap({ term: "days", value: tree }) }] : []),
    ...(kind && kind !== "personal" && tree.term !== "default" ? [{ label: "Or else another value", onSelect: wrap({ term: "default", value: tree, fallback: constant(kind, numeric ? "0" : null) }) }] : []),
    ...(isTree(inner) && tree.term !== "since" ? [{ label: "Only what is inside", onSelect: wrap(inner) }] : []),
  ];
  if (!items.length) return null;
  return (
    <Menu items={items} align="start">
      <button type="button" className="rule-small" aria-label="Reckon with it">
        ƒ
      </button>
    </Menu>
  );
}
