/** Comparisons and tests of a value: what is tested, how, and with what. */

import { use } from "react";
import { Select, type MenuItem } from "../../parts";
import { ConstantField, ConstantsField } from "./Constants";
import { PropertyField } from "./Figures";
import { compared } from "./palette";
import { constant, isComparison, isTextTest, isTree, isUnset, not, type Kind, type Path, type Tree } from "./tree";
import { Typed } from "./Typed";
import { useActs, type TreeActs } from "./useEditor";
import { ValueField } from "./Values";
import { isNumeric, kindOf, propertiesOf, RowContext, useVocabulary, usualEvent, type Vocabulary } from "./vocabulary";

/** Every test, and those that are said with "not" in them. */
const WORDS: Readonly<Record<string, string>> = {
  ">=": "is at least", ">": "is more than", "<=": "is at most", "<": "is less than", "==": "is", "!=": "is not",
  in: "is one of", "not in": "is none of", exists: "is known", contains: "contains", startswith: "begins with", endswith: "ends with", matches: "matches",
  "not exists": "is not known", "not contains": "does not contain", "not startswith": "does not begin with", "not endswith": "does not end with", "not matches": "does not match",
};
const ORDER = [">=", ">", "<=", "<", "==", "!="];
const LISTS = ["in", "not in"];
const KNOWN = ["exists", "not exists"];
const TEXTS = ["contains", "not contains", "startswith", "not startswith", "endswith", "not endswith", "matches", "not matches"];

function testsOf(kind: Kind | null): readonly string[] {
  if (kind === "personal" || kind === "location") return KNOWN;
  if (kind === "boolean") return ["==", "!=", ...KNOWN];
  if (kind === "duration") return ORDER;
  if (kind === "text") return ["==", "!=", ...LISTS, ...TEXTS, ...KNOWN];
  return kind === null ? Object.keys(WORDS) : [...ORDER, ...LISTS, ...KNOWN];
}

/** Tests whose denial has words of its own. */
export const deniedInWords = (tree: Tree): boolean => `not ${tree.term}` in WORDS && tree.term !== "in";

/** What a condition is about: the left side of whatever it tests. */
export function subjectOf(tree: Tree): { key: string; subject: unknown } {
  return isComparison(tree.term) ? { key: "left", subject: tree["left"] } : { key: "value", subject: tree["value"] };
}

/** The same condition with another test. */
function tested(words: Vocabulary, tree: Tree, term: string, row: string | null): Tree {
  const { subject } = subjectOf(tree);
  const kind = kindOf(words, subject, row);
  if (term === "exists") return { term, value: subject };
  const options = tree["options"] as Tree[] | undefined;
  const argument = typeof tree["argument"] === "string" ? tree["argument"] : null;
  const right = isTree(tree["right"]) ? tree["right"] : (options?.[0] ?? (argument !== null ? constant("text", argument) : constant(kind ?? "text", kind === "boolean" ? true : null)));
  const written = right.term === "constant" ? right : constant(kind ?? "text", null);
  if (term === "in" || term === "not in") return { term, value: subject, options: options ?? [written] };
  if (isTextTest(term)) return { term, value: subject, argument: argument ?? (isUnset(written) ? null : String(written["value"])) };
  return { term, left: subject, right };
}

/** What a value of a kind can be compared with, other than what is written. */
function otherOf(words: Vocabulary, subject: unknown, kind: Kind | null, row: string | null): Tree {
  const about = isTree(subject) ? subject["name"] : "";
  const alike = (each: { name: string; kind: string }) => each.name !== about && (each.kind === kind || (isNumeric(kind) && isNumeric(each.kind as Kind)));
  if (row !== null) return { term: "property", name: propertiesOf(words, row).find(alike)?.name ?? "" };
  const event = usualEvent(words, "Order Completed");
  if (kind === "duration") return { term: "since", value: { term: "first_at", event } };
  if (kind === "time" || kind === "date") return { term: "last_at", event };
  for (const [space, list] of [["feature", words.features], ["trait", words.traits]] as const) {
    const found = list.find(alike);
    if (found) return { term: space, name: found.name };
  }
  return isNumeric(kind) ? { term: "count", event, window: { last: "30d" } } : constant("text", null);
}

/** Comparing with another figure in place of what is written, and back. */
export function sideItem(words: Vocabulary, row: string | null, acts: TreeActs, tree: Tree, path: Path): MenuItem | null {
  if (!isComparison(tree.term) || !isTree(tree["right"])) return null;
  const kind = kindOf(words, tree["left"], row);
  const isWritten = tree["right"].term === "constant";
  const next = isWritten ? otherOf(words, tree["left"], kind, row) : constant(kind ?? "text", kind === "boolean" ? true : null);
  if (isWritten && isUnset(next)) return null;
  return { label: isWritten ? "Compare with another figure" : "Compare with a value", icon: "sorted", onSelect: () => acts.set([...path, "right"], next) };
}

interface Props {
  tree: Tree;
  path: Path;
  /** Where the condition stands with its `not`. */
  outer: Path;
  denied: boolean;
}

export function Comparison({ tree, path, outer, denied }: Props) {
  const acts = useActs();
  const words = useVocabulary();
  const row = use(RowContext);
  const { key, subject } = subjectOf(tree);
  const kind = kindOf(words, subject, row);
  const known = testsOf(kind);
  const test = denied && deniedInWords(tree) ? `not ${tree.term}` : tree.term;
  const tests = known.includes(test) ? known : [test, ...known];
  const right = tree["right"];
  const take = (next: string) => {
    const isDenial = next.startsWith("not ") && next !== "not in";
    const made = tested(words, tree, isDenial ? next.slice(4) : next, row);
    // A "not" that stood before the comparison stays; one that is said with the test goes with it.
    acts.set(outer, not(made, isDenial || (denied && !deniedInWords(tree) && !deniedInWords(made))));
  };
  return (
    <>
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
      <Select aria-label="Test" value={test} onChange={take} of={tests.map((each) => ({ value: each, label: WORDS[each] ?? each }))} />
      {isComparison(tree.term) &&
        (isTree(right) && right.term !== "constant" ? (
          <ValueField tree={right} path={[...path, "right"]} wants={kind === "time" || kind === "date" ? "time" : null} />
        ) : (
          <ConstantField value={right} kind={kind} beside={subject} onChange={(next) => acts.set([...path, "right"], next)} />
        ))}
      {(tree.term === "in" || tree.term === "not in") && <ConstantsField values={tree["options"] as Tree[]} kind={kind} beside={subject} onChange={(options) => acts.set([...path, "options"], options)} />}
      {isTextTest(tree.term) && (
        <Typed
          className="rule-text"
          label="Text"
          placeholder="text"
          invalid={tree["argument"] === null}
          value={String(tree["argument"] ?? "")}
          read={(text) => text}
          onChange={(argument) => acts.set([...path, "argument"], argument)}
          onClear={() => acts.set([...path, "argument"], null)}
        />
      )}
    </>
  );
}
