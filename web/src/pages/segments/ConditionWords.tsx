/** The words and fields of one condition, by its term. */

import { Combobox, Select } from "../../parts";
import { AsItIs } from "./AsItIs";
import { Comparison, deniedInWords } from "./Comparison";
import { Course, Truth } from "./Course";
import { EventField, figureOf, WhereField } from "./Figures";
import { WindowField } from "./Times";
import { constant, having, isComparison, isCondition, isMakeable, isTextTest, isTree, not, type Path, type Tree } from "./tree";
import { WholeField } from "./Typed";
import { useActs } from "./useEditor";
import { useVocabulary } from "./vocabulary";

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
  if (!isMakeable(tree)) return <AsItIs {...props} />;
  if (term === "did" || isEventFigure(tree)) return <EventWords {...props} />;
  if (term === "segment" || term === "consent") return <Membership {...props} />;
  if (!isCondition(tree)) return <Truth {...props} />;
  const isTest = isComparison(term) || term === "in" || term === "not in" || term === "exists" || isTextTest(term);
  return (
    <>
      {!(isTest && deniedInWords(tree)) && <Denial {...props} />}
      {isTest ? <Comparison {...props} /> : <Course {...props} />}
    </>
  );
}

/** A comparison of a figure over an event with a value: said as "did … at least 3 times". */
export function isEventFigure(tree: Tree): boolean {
  return isComparison(tree.term) && isTree(tree["left"]) && tree["left"].term === "count" && isTree(tree["right"]) && tree["right"].term === "constant" && Number.isSafeInteger(tree["right"]["value"]);
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
          <WholeField label="How many times" least={-1_000_000_000} value={Number((tree["right"] as Tree)["value"])} onChange={(count) => acts.set([...path, "right"], constant("integer", count))} />
          <span>times</span>
        </>
      )}
      <WindowField value={figure["window"]} onChange={(window) => acts.set(place, having(figure, { window }))} />
      <WhereField tree={figure} path={place} event={event} />
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
