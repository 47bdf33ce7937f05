/** Conditions within a value: what has to hold for it to count, and whether something holds as a value of its own. */

import { use, type ReactNode } from "react";
import { Group, GroupBody } from "./Group";
import { ruleEntries, rowEntries, type Entry } from "./palette";
import { Reckon } from "./Reckon";
import { grouped, isTree, type Path, type Tree } from "./tree";
import { useActs } from "./useEditor";
import { propertiesOf, RowContext, useVocabulary } from "./vocabulary";

/** What can be added to conditions that stand here. */
function useEntries(): Entry[] {
  const words = useVocabulary();
  const row = use(RowContext);
  return row === null ? ruleEntries(words) : rowEntries(propertiesOf(words, row));
}

/** A value that counts only when something holds: the value, then the conditions below it. */
export function OnlyWhen({ tree, path, children }: { tree: Tree; path: Path; children: ReactNode }) {
  const acts = useActs();
  const condition = isTree(tree["condition"]) ? grouped(tree["condition"]) : grouped({ term: "and", parts: [] });
  return (
    <>
      {children}
      <div className="rule-where rule-only" role="group" aria-label="Only when this holds">
        <span className="rule-only-head">
          <span className="rule-joint">only when</span>
          <Reckon whole tree={tree} path={path} />
        </span>
        <GroupBody tree={condition} path={[...path, "condition"]} entries={useEntries()} onEmpty={() => acts.set(path, tree["value"])} />
      </div>
    </>
  );
}

/** Whether something holds, as a value. */
export function Whether({ tree, path }: { tree: Tree; path: Path }) {
  return (
    <div className="rule-where rule-only" role="group" aria-label="Whether this holds">
      <span className="rule-only-head">
        <span className="rule-joint">whether</span>
        <Reckon whole tree={tree} path={path} />
      </span>
      <Group tree={grouped(tree)} path={path} entries={useEntries()} depth={1} />
    </div>
  );
}
