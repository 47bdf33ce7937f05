/** Terms with words of their own: courses of events, places, groups of people, and values that hold by themselves. */

import { Select } from "../../parts";
import { EventField, PropertyField, StepsField, WhereField } from "./Figures";
import { Group } from "./Group";
import { ruleEntries } from "./palette";
import { DurationField, WindowField } from "./Times";
import { grouped, groupOf, having, isTree, not, RELATIONS, type Path, type Tree } from "./tree";
import { WholeField } from "./Typed";
import { useActs } from "./useEditor";
import { ValueField } from "./Values";
import { useVocabulary } from "./vocabulary";

/** Terms with words of their own: courses of events, places, groups of people. */
export function Course({ tree, path }: { tree: Tree; path: Path }) {
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
    const condition = isTree(tree["condition"]) ? grouped(tree["condition"]) : groupOf("all", []);
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
        <Select aria-label="Which group of people" value={String(tree["relation"])} onChange={(relation) => set({ relation })} of={[...new Set([...words.relations, String(tree["relation"])])].map((each) => ({ value: each, label: each }))} />
        <div className="rule-where rule-only">
          <Group tree={condition} path={[...path, "condition"]} entries={ruleEntries(words)} depth={1} />
        </div>
      </>
    );
  }
  return null;
}

const TRUTHS = [
  { value: "is", label: "is true" },
  { value: "not", label: "is not true" },
];
const ALWAYS = [
  { value: "true", label: "everybody" },
  { value: "false", label: "nobody" },
];

/** A value that is true or false by itself. */
export function Truth({ tree, path, outer, denied }: { tree: Tree; path: Path; outer: Path; denied: boolean }) {
  const acts = useActs();
  if (tree.term === "constant" && typeof tree["value"] === "boolean") {
    return <Select aria-label="Everybody or nobody" value={String(tree["value"] !== denied)} onChange={(next) => acts.set(outer, { ...tree, value: next === "true" })} of={ALWAYS} />;
  }
  return (
    <>
      <ValueField tree={tree} path={path} wants="boolean" />
      <Select aria-label="True or not" value={denied ? "not" : "is"} onChange={(next) => acts.set(outer, not(tree, next === "not"))} of={TRUTHS} />
    </>
  );
}
