/** The words and fields of one condition, by its term. */

import { use } from "react";
import { Combobox, Input, Select } from "../../parts";
import { ConstantField, ConstantsField } from "./Constants";
import { EventField, FigureField, figureOf, PropertyField, StepsField, WhereField, WholeField } from "./Figures";
import { Group } from "./Group";
import { compared, ruleEntries } from "./palette";
import { DurationField, WindowField } from "./Times";
import { constant, groupOf, having, isAggregate, isComparison, isGroup, isTextTest, isTree, not, RELATIONS, type Kind, type Path, type Tree } from "./tree";
import { useActs } from "./useEditor";
import { ValueField } from "./Values";
import { kindOf, RowContext, useVocabulary, type Vocabulary } from "./vocabulary";

interface Props {
  tree: Tree;
  path: Path;
  /** Where the condition stands with its `not`. */
  outer: Path;
  denied: boolean;
}

export function ConditionWords(props: Props) {
  const { tree } = props;
  const { term } = tree;
  if (term === "did" || isEventFigure(tree)) return <EventWords {...props} />;
  if (isComparison(term) || term === "in" || term === "not in" || term === "exists" || isTextTest(term)) return <Comparison {...props} />;
  if (term === "segment" || term === "consent") return <Membership {...props} />;
  return (
    <>
      <Denial {...props} />
      <Course {...props} />
    </>
  );
}

/** A comparison of a figure over an event with a value: said as "did … at least 3 times". */
function isEventFigure(tree: Tree): boolean {
  return isComparison(tree.term) && isTree(tree["left"]) && tree["left"].term === "count" && isTree(tree["right"]) && tree["right"].term === "constant";
}

/** "not", where the condition has no other way to say so. */
function Denial({ tree, outer, denied }: Props) {
  const acts = useActs();
  if (!denied) return null;
  return (
    <button type="button" className="rule-small rule-not" aria-label="not; take it out" onClick={() => acts.set(outer, tree)}>
      not
    </button>
  );
}

const HOW_OFTEN = [
  { value: "once", label: "at least once" },
  { value: ">=", label: "at least" },
  { value: "==", label: "exactly" },
  { value: "<=", label: "at most" },
  { value: ">", label: "more than" },
  { value: "<", label: "less than" },
  { value: "!=", label: "other than" },
  { value: "figure", label: "another figure…" },
] as const;

/** After "did not". */
const NOT_OFTEN = HOW_OFTEN.map((each) => (each.value === "once" ? { ...each, label: "even once" } : each));

function EventWords({ tree, path, outer, denied }: Props) {
  const acts = useActs();
  const words = useVocabulary();
  const isDid = tree.term === "did";
  const figure = isDid ? tree : (tree["left"] as Tree);
  const place: Path = isDid ? path : [...path, "left"];
  const event = String(figure["event"] ?? "");
  const often = (next: string) => {
    if (next === "once") return acts.set(path, { ...figureOf(words, figure, "did"), term: "did" });
    const left = figureOf(words, figure, next === "figure" ? "sum" : "count");
    const right = isDid || next === "figure" ? constant("integer", next === "figure" ? null : 2) : tree["right"];
    acts.set(path, { term: next === "figure" ? ">=" : next, left, right });
  };
  return (
    <>
      <Select
        aria-label="Did or did not"
        value={denied ? "not" : "did"}
        onChange={(next) => acts.set(outer, not(tree, next === "not"))}
        of={[
          { value: "did", label: "did" },
          { value: "not", label: "did not" },
        ]}
      />
      <EventField value={event} onChange={(next) => acts.set([...place, "event"], next)} />
      <Select aria-label="How often" value={isDid ? "once" : tree.term} onChange={often} of={denied ? NOT_OFTEN : HOW_OFTEN} />
      {!isDid && (
        <>
          <WholeField label="How many times" least={0} value={Number((tree["right"] as Tree)["value"])} onChange={(count) => acts.set([...path, "right"], constant("integer", count))} />
          <span>times</span>
        </>
      )}
      <WindowField value={figure["window"]} onChange={(window) => acts.set(place, having(figure, { window }))} />
      <WhereField tree={figure} path={place} event={event} />
    </>
  );
}

const NUMBER_TESTS = [">=", ">", "<=", "<", "==", "!=", "exists"];
const TEXT_OPERATORS = ["==", "!=", "in", "not in", "contains", "startswith", "endswith", "matches", "exists"];
const WORDS: Readonly<Record<string, string>> = {
  ">=": "is at least", ">": "is more than", "<=": "is at most", "<": "is less than", "==": "is", "!=": "is not",
  in: "is one of", "not in": "is none of", exists: "is known", contains: "contains", startswith: "begins with", endswith: "ends with", matches: "matches",
};

function testsOf(kind: Kind | null): readonly string[] {
  if (kind === "personal" || kind === "location") return ["exists"];
  if (kind === "boolean") return ["==", "exists"];
  if (kind === "integer") return [...NUMBER_TESTS, "in", "not in"];
  return kind === "text" ? TEXT_OPERATORS : kind === null ? Object.keys(WORDS) : NUMBER_TESTS;
}

/** What a condition is about: the left side of whatever it tests. */
function subjectOf(tree: Tree): { key: string; subject: unknown } {
  return isComparison(tree.term) ? { key: "left", subject: tree["left"] } : { key: "value", subject: tree["value"] };
}

/** The same condition with another test. */
function tested(words: Vocabulary, tree: Tree, term: string, row: string | null): Tree {
  const { subject } = subjectOf(tree);
  const kind = kindOf(words, subject, row);
  if (term === "exists") return { term, value: subject };
  const options = tree["options"] as Tree[] | undefined;
  const value = isTree(tree["right"]) ? tree["right"] : (options?.[0] ?? (typeof tree["argument"] === "string" && tree["argument"] ? constant("text", tree["argument"]) : constant(kind ?? "text", kind === "boolean" ? true : null)));
  if (term === "in" || term === "not in") return { term, value: subject, options: options ?? [value] };
  if (isTextTest(term)) return { term, value: subject, argument: typeof tree["argument"] === "string" ? tree["argument"] : isTree(value) && value["value"] !== null ? String(value["value"]) : "" };
  return { term, left: subject, right: value };
}

function Comparison(props: Props) {
  const { tree, path } = props;
  const acts = useActs();
  const words = useVocabulary();
  const row = use(RowContext);
  const { key, subject } = subjectOf(tree);
  const kind = kindOf(words, subject, row);
  const known = testsOf(kind);
  const tests = known.includes(tree.term) ? known : [tree.term, ...known];
  const right = tree["right"];
  const isValue = isTree(right) && right.term !== "constant";
  return (
    <>
      <Denial {...props} />
      {row !== null && isTree(subject) && subject.term === "property" ? (
        <PropertyField
          event={row}
          value={String(subject["name"])}
          onChange={(name) => {
            const next: Tree = { term: "property", name };
            const same = kindOf(words, next, row) === kind;
            acts.set(path, same ? { ...tree, [key]: next } : compared(next, kindOf(words, next, row)));
          }}
        />
      ) : (
        isTree(subject) && <ValueField tree={subject} path={[...path, key]} />
      )}
      <Select aria-label="Test" value={tree.term} onChange={(term) => acts.set(path, tested(words, tree, term, row))} of={tests.map((each) => ({ value: each, label: WORDS[each] ?? each }))} />
      {isComparison(tree.term) && (isValue ? <ValueField tree={right} path={[...path, "right"]} /> : <ConstantField value={right} kind={kind} beside={subject} onChange={(next) => acts.set([...path, "right"], next)} />)}
      {(tree.term === "in" || tree.term === "not in") && <ConstantsField values={tree["options"] as Tree[]} kind={kind} beside={subject} onChange={(options) => acts.set([...path, "options"], options)} />}
      {isTextTest(tree.term) && <Input className="rule-text" aria-label="Text" aria-invalid={tree["argument"] === "" || undefined} placeholder="text" value={String(tree["argument"])} onChange={(argument) => acts.set([...path, "argument"], argument)} />}
    </>
  );
}

function Membership({ tree, path, outer, denied }: Props) {
  const acts = useActs();
  const words = useVocabulary();
  const isSegment = tree.term === "segment";
  const names = isSegment ? words.segments : words.purposes;
  return (
    <>
      <Select
        aria-label={isSegment ? "In or not" : "Consents or not"}
        value={denied ? "not" : "is"}
        onChange={(next) => acts.set(outer, not(tree, next === "not"))}
        of={[
          { value: "is", label: isSegment ? "is in" : "consents to" },
          { value: "not", label: isSegment ? "is not in" : "does not consent to" },
        ]}
      />
      <Combobox inline label={isSegment ? "Segment" : "Purpose"} value={String(tree["name"])} options={names.map((each) => ({ value: each.name, label: each.label || each.name }))} onChange={(name) => acts.set([...path, "name"], name)} />
    </>
  );
}

/** Terms with words of their own: courses of events, places, groups of people. */
function Course({ tree, path }: Props) {
  const acts = useActs();
  const words = useVocabulary();
  const set = (changes: Record<string, unknown>) => acts.set(path, having(tree, changes));
  const event = (key: string, label = "Event") => <EventField label={label} value={String(tree[key] ?? "")} onChange={(next) => set({ [key]: next })} />;
  const length = (key: string, label: string) => <DurationField label={label} value={String(tree[key])} onChange={(next) => set({ [key]: next })} />;
  const window = <WindowField value={tree["window"]} onChange={(next) => set({ window: next })} />;
  const { term } = tree;
  if (term === "stopped") {
    return (
      <>
        <span>did</span>
        {event("event")}
        <span>before, but not in the last</span>
        {length("after", "For how long not")}
        <WhereField tree={tree} path={path} event={String(tree["event"])} />
      </>
    );
  }
  if (term === "regularly") {
    return (
      <>
        <span>regularly</span>
        {event("event")}
        <span>in</span>
        <WholeField label="Periods" most={60} value={Number(tree["periods"])} onChange={(periods) => set({ periods, of: Math.max(periods, Number(tree["of"])) })} />
        <span>of the last</span>
        <WholeField label="Of how many periods" most={60} value={Number(tree["of"])} onChange={(of) => set({ of, periods: Math.min(of, Number(tree["periods"])) })} />
        <span>periods of</span>
        {length("every", "Length of a period")}
        <WhereField tree={tree} path={path} event={String(tree["event"])} />
      </>
    );
  }
  if (term === "sequence") {
    return (
      <>
        <span>did</span>
        <StepsField tree={tree} path={path} />
        <span>each within</span>
        {length("within", "Longest gap")}
        <span>the first</span>
        {window}
        <WhereField tree={tree} path={path} event={String((tree["events"] as string[])[0] ?? "")} />
      </>
    );
  }
  if (term === "followed" || term === "unfollowed") {
    return (
      <>
        <span>did</span>
        {event("event", "First event")}
        <Select
          aria-label="Followed or not"
          value={term}
          onChange={(next) => set({ term: next })}
          of={[
            { value: "followed", label: "followed by" },
            { value: "unfollowed", label: "not followed by" },
          ]}
        />
        {event("by", "Then")}
        <span>within</span>
        {length("within", "Longest gap")}
        <span>with the same</span>
        <PropertyField event={String(tree["event"])} value={String(tree["on"] ?? "")} none="(anything)" onChange={(on) => set({ on: on || undefined })} />
        <span>the first</span>
        {window}
        <WhereField tree={tree} path={path} event={String(tree["event"])} />
      </>
    );
  }
  if (term === "top") {
    return (
      <>
        <span>among the</span>
        <WholeField label="How many" value={Number(tree["n"])} onChange={(n) => set({ n })} />
        <span>largest by</span>
        <ValueField tree={tree["value"] as Tree} path={[...path, "value"]} />
      </>
    );
  }
  if (RELATIONS.includes(term)) {
    const condition = isTree(tree["condition"]) && isGroup(tree["condition"]) ? tree["condition"] : groupOf("all", []);
    return (
      <>
        <Select
          aria-label="How many of the group"
          value={term}
          onChange={(next) => set({ term: next })}
          of={[
            { value: "any", label: "some member of the" },
            { value: "all", label: "every member of the" },
            { value: "none", label: "no member of the" },
          ]}
        />
        <Select aria-label="Which group of people" value={String(tree["relation"])} onChange={(relation) => set({ relation })} of={words.relations.map((each) => ({ value: each, label: each }))} />
        <div className="rule-where grow">
          <Group tree={condition} path={[...path, "condition"]} entries={ruleEntries(words)} depth={1} />
        </div>
      </>
    );
  }
  return <Truth tree={tree} path={path} />;
}

/** A value that is true or false by itself. */
function Truth({ tree, path }: { tree: Tree; path: Path }) {
  if (tree.term === "feature" || tree.term === "trait" || tree.term === "property") {
    return (
      <>
        <ValueField tree={tree} path={path} />
        <span>is true</span>
      </>
    );
  }
  return isAggregate(tree.term) ? <FigureField tree={tree} path={path} /> : <ValueField tree={tree} path={path} />;
}

