/** One condition as a line of words and fields, with how many it holds for. */

import { use, type KeyboardEvent } from "react";
import { IconButton, Menu, type MenuItem } from "../../parts";
import { sideItem, subjectOf } from "./Comparison";
import { ConditionWords, isEventFigure } from "./ConditionWords";
import { duplicate } from "./Group";
import { PartCount } from "./PartCount";
import { FaultsContext } from "./faults";
import { reckonings } from "./Reckon";
import { at, bare, groupOf, isGroup, isTree, negated, not, unset, written, type Path, type Tree } from "./tree";
import { useActs } from "./useEditor";
import { RowContext, useVocabulary } from "./vocabulary";

export function ConditionRow({ tree, path, onRemove }: { tree: Tree; path: Path; onRemove: () => void }) {
  const acts = useActs();
  const isRow = use(RowContext) !== null;
  const fault = useFault(tree, path);
  const denied = negated(tree);
  const inner: Path = denied ? [...path, "value"] : path;
  const key = written(path);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    acts.move(path, event.key === "ArrowUp" ? -1 : 1);
  };
  const items: readonly (MenuItem | null)[] = [
    { label: denied ? "Take out “not”" : "Not", icon: "minus", onSelect: () => acts.set(path, not(tree, !denied)) },
    ...useReckonings(bare(tree), inner),
    null,
    { label: "Duplicate", icon: "duplicate", onSelect: () => duplicate(acts, path, tree) },
    { label: "Put into a group", icon: "segments", onSelect: () => acts.set(path, groupOf("any", [tree])) },
    { label: "Move up", icon: "up", hint: "Alt ↑", onSelect: () => acts.move(path, -1) },
    { label: "Move down", icon: "down", hint: "Alt ↓", onSelect: () => acts.move(path, 1) },
  ];
  return (
    <div className={isRow ? "rule-row inner" : "rule-row"} data-path={key} onKeyDown={onKeyDown}>
      <div className="rule-line">
        <div className="rule-words grow">
          <ConditionWords tree={bare(tree)} path={inner} outer={path} denied={denied} />
        </div>
        {!isRow && <PartCount path={path} />}
        <span className="rule-actions">
          <Menu items={items}>
            <IconButton small icon="more" label="More about this condition" />
          </Menu>
          <IconButton small icon="close" label="Remove this condition" onClick={onRemove} />
        </span>
      </div>
      {fault && !isRow && (
        <p className={fault.isOpen ? "rule-fault open" : "rule-fault"} role={fault.isOpen ? undefined : "status"}>
          {fault.what} {fault.do}
        </p>
      )}
    </div>
  );
}

/** What can be made of the value that a condition tests, where no button beside that value says so, and of what it is compared with. */
function useReckonings(tree: Tree, path: Path): (MenuItem | null)[] {
  const acts = useActs();
  const words = useVocabulary();
  const row = use(RowContext);
  const side = sideItem(words, row, acts, tree, path);
  const { key, subject } = subjectOf(tree);
  const isSilent = isTree(subject) && (subject.term === "property" || isEventFigure(tree));
  const made = isSilent ? reckonings(words, row, acts, subject, [...path, key]) : [];
  return [...(side ? [side] : []), ...(made.length ? [null, ...made] : [])];
}

/** Whether a place within a condition is in a line of its own that tells what is wrong there; conditions on events have none. */
const isToldWithin = (rest: string): boolean => rest.split(".where")[0]?.includes(".parts[") ?? false;

/** What is wrong with a condition, in its own words or those of the server; a value to be chosen comes first. */
function useFault(tree: Tree, path: Path): { what: string; do: string; isOpen: boolean } | null {
  const faults = use(FaultsContext);
  const open = unset(tree);
  if (open && !isToldWithin(written(open).slice(1))) {
    const isCondition = isTree(at(tree, open)) && isGroup(at(tree, open) as Tree);
    return { what: isCondition ? "Add a condition;" : "Choose a value;", do: "until then this does not count.", isOpen: true };
  }
  const key = written(path);
  const found = faults.find((each) => (each.path === key || each.path.startsWith(`${key}.`) || each.path.startsWith(`${key}[`)) && !isToldWithin(each.path.slice(key.length)));
  return found ? { what: found.what, do: found.do, isOpen: false } : null;
}
