/** Making something else of a value, or taking that away again. */

import { use } from "react";
import { Menu, type MenuItem } from "../../parts";
import { ARITHMETIC, constant, groupOf, having, isAggregate, isCondition, isTree, isUnset, SIGNS, type Path, type Tree } from "./tree";
import { useActs, type TreeActs } from "./useEditor";
import { isNumeric, kindOf, RowContext, useVocabulary, type Vocabulary } from "./vocabulary";

/** The same without windows of its own: in a change they are said for all of it. */
function untimed(tree: Tree): Tree {
  const made = having(tree, { window: undefined });
  for (const [key, value] of Object.entries(made)) if (isTree(value) && key !== "where") made[key] = untimed(value);
  return made;
}

/** What can be made of a value. */
export function reckonings(words: Vocabulary, row: string | null, acts: TreeActs, tree: Tree, path: Path): MenuItem[] {
  const wrap = (made: Tree) => () => acts.set(path, made);
  const { term } = tree;
  if (isUnset(tree)) return [];
  const instead: MenuItem = { label: "Something else instead …", icon: "edit", onSelect: () => (acts.set(path, constant("text", null)), acts.focus(path)) };
  if (term === "constant") return [instead];
  const kind = kindOf(words, tree, row);
  const numeric = isNumeric(kind);
  const inner = isTree(tree["value"]) ? tree["value"] : tree["left"];
  const isOfPeople = row === null;
  const isWhole = isCondition(tree);
  const mayBeMissing = kind !== null && !["personal", "location", "duration"].includes(kind);
  const items: (MenuItem | false)[] = [
    numeric && isOfPeople && { label: "Percentile of it", onSelect: wrap({ term: "percentile", value: tree }) },
    numeric && isOfPeople && { label: "Quantile score of it", onSelect: wrap({ term: "tile", value: tree, n: 5 }) },
    numeric && isOfPeople && { label: "Its change over time", onSelect: wrap({ term: "change", value: untimed(tree), last: "30d" }) },
    ...ARITHMETIC.map((sign) => numeric && { label: `${SIGNS[sign] ?? sign} …`, onSelect: wrap({ term: sign, left: tree, right: constant("integer", 1) }) }),
    numeric && term !== "negative" && { label: "Minus it", onSelect: wrap({ term: "negative", value: tree }) },
    kind === "text" && term !== "lower" && { label: "In small letters", onSelect: wrap({ term: "lower", value: tree }) },
    kind === "time" && isOfPeople && { label: "Time since it", onSelect: wrap({ term: "since", value: tree }) },
    term === "since" && { label: "In days, as a number", onSelect: wrap({ term: "days", value: tree }) },
    mayBeMissing && term !== "default" && { label: "Or else another value", onSelect: wrap({ term: "default", value: tree, fallback: constant(kind, kind === "boolean" ? false : numeric ? "0" : null) }) },
    mayBeMissing && {
      label: "Only when something holds …",
      onSelect: () => {
        acts.set(path, { term: "when", condition: groupOf("all", []), value: tree });
        acts.focus([...path, "condition"]);
      },
    },
    isTree(inner) && !isWhole && !isAggregate(term) && { label: "Only what is inside", icon: "out", onSelect: wrap(inner) },
    instead,
  ];
  return items.filter((each) => each !== false);
}

/** A menu of what can be made of a value; of a whole one that others stand in, it says so. */
export function Reckon({ tree, path, whole }: { tree: Tree; path: Path; whole?: boolean }) {
  const acts = useActs();
  const words = useVocabulary();
  const row = use(RowContext);
  const items = reckonings(words, row, acts, tree, path);
  if (!items.length) return null;
  return (
    <Menu items={items} align="start">
      <button type="button" className="rule-small nowrap">
        <span aria-hidden="true">{whole ? "ƒ( )" : "ƒ"}</span>
        <span className="unseen">{whole ? "Reckon with all of it" : "Reckon with it"}</span>
      </button>
    </Menu>
  );
}
