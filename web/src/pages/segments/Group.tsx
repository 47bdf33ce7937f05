/** Groups of conditions: all, any, none of them; groups within groups. */

import { use } from "react";
import { Button, IconButton, Menu, Select } from "../../parts";
import { AddCondition } from "./AddCondition";
import { ConditionRow } from "./Condition";
import { PartCount } from "./PartCount";
import type { Entry } from "./palette";
import { groupOf, isGroup, modeOf, partsOf, partsPath, written, type Mode, type Path, type Tree } from "./tree";
import { useActs } from "./useEditor";
import { RowContext } from "./vocabulary";

const MODES: readonly { value: Mode; label: string }[] = [
  { value: "all", label: "All of" },
  { value: "any", label: "Any of" },
  { value: "none", label: "None of" },
  { value: "not_all", label: "Not all of" },
];
const JOINTS: Readonly<Record<Mode, string>> = { all: "and", any: "or", none: "nor", not_all: "and" };

interface GroupProps {
  tree: Tree;
  path: Path;
  entries: readonly Entry[];
  depth?: number;
  /** Takes the group away; the root stays. */
  onRemove?: () => void;
}

/** A group with its mode, its parts, and a place to add. */
export function Group({ tree, path, entries, depth = 0, onRemove }: GroupProps) {
  const acts = useActs();
  const mode = modeOf(tree);
  const isRow = use(RowContext) !== null;
  const parts = partsOf(tree);
  const change = (next: Mode) => acts.set(path, groupOf(next, parts));
  return (
    <div className={depth ? `rule-group depth-${Math.min(depth, 3)}` : "rule-group"} role="group" aria-label={`${MODES.find((each) => each.value === mode)?.label} ${parts.length}`} data-path={written(path)}>
      <div className="rule-group-head">
        <Select aria-label="How the conditions of this group count" value={mode} onChange={change} of={depth ? MODES : MODES.slice(0, 2)} className="rule-mode" />
        <span className="quiet small">{mode === "all" ? "these hold" : mode === "any" ? "these holds" : mode === "none" ? "these holds" : "these hold"}</span>
        <span className="grow" />
        {!isRow && parts.length > 0 && <PartCount path={path} />}
        {onRemove && (
          <>
            <Menu
              items={[
                { label: "Duplicate", icon: "duplicate", onSelect: () => duplicate(acts, path, tree) },
                { label: "Move up", icon: "up", hint: "Alt ↑", onSelect: () => acts.move(path, -1) },
                { label: "Move down", icon: "down", hint: "Alt ↓", onSelect: () => acts.move(path, 1) },
                ...(parts.length === 1 ? [{ label: "Only what is inside", icon: "out" as const, onSelect: () => acts.set(path, parts[0]) }] : []),
              ]}
            >
              <IconButton small icon="more" label="More about this group" />
            </Menu>
            <IconButton small icon="close" label="Remove this group" onClick={onRemove} />
          </>
        )}
      </div>
      <GroupBody tree={tree} path={path} entries={entries} depth={depth} />
    </div>
  );
}

export function duplicate(acts: ReturnType<typeof useActs>, path: Path, tree: Tree): void {
  const place = path.at(-1);
  // A part stands in the `parts` of its group, which may be denied.
  const list = path.slice(0, -1);
  const group = list.at(-2) === "value" ? list.slice(0, -2) : list.slice(0, -1);
  if (typeof place === "number") acts.add(group, tree, place + 1);
}

/** What stands between the parts of a group that has no head: how they count together, to be changed there. */
function Joint({ mode, onChange }: { mode: Mode; onChange: (mode: Mode) => void }) {
  return (
    <Select
      aria-label="How these count together"
      className="rule-joint-field"
      value={mode}
      onChange={onChange}
      of={[
        { value: "all", label: "and" },
        { value: "any", label: "or" },
      ]}
    />
  );
}

/** The parts of a group, the words between them, and a place to add. */
export function GroupBody({ tree, path, entries, depth = 0, onEmpty }: GroupProps & { onEmpty?: () => void }) {
  const acts = useActs();
  const mode = modeOf(tree);
  const parts = partsOf(tree);
  const isRow = use(RowContext) !== null;
  const list: Path = [...path, ...partsPath(tree)];
  const remove = (place: number) => (parts.length === 1 && onEmpty ? onEmpty() : acts.remove([...list, place]));
  return (
    <div className="rule-body">
      <ol className="rule-parts">
        {parts.map((part, place) => (
          <li key={place} className="rule-part">
            {place > 0 && (onEmpty ? <Joint mode={mode} onChange={(next) => acts.set(path, groupOf(next, parts))} /> : <span className="rule-joint">{JOINTS[mode]}</span>)}
            {isGroup(part) ? (
              <Group tree={part} path={[...list, place]} entries={entries} depth={depth + 1} onRemove={() => remove(place)} />
            ) : (
              <ConditionRow tree={part} path={[...list, place]} onRemove={() => remove(place)} />
            )}
          </li>
        ))}
      </ol>
      <div className="rule-foot" data-add={written(path)}>
        <AddCondition entries={entries} small={isRow} wanted={onEmpty !== undefined && !parts.length} onAdd={(part) => acts.add(path, part)} label="Add a condition" words={isRow ? "and where…" : parts.length ? "Add a condition" : "Add a condition: what people did, who they are …"} />
        {onEmpty && !isRow && !parts.length && (
          <Button small kind="quiet" icon="close" onClick={onEmpty}>
            Leave it out
          </Button>
        )}
        {!isRow && !(onEmpty && !parts.length) && (
          <Button small kind="quiet" icon="plus" onClick={() => acts.add(path, groupOf(mode === "any" ? "all" : "any", []))}>
            Group
          </Button>
        )}
      </div>
    </div>
  );
}
