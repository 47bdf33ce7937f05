/** What to begin with: a few rules that fit the project's events, to be changed to one's liking. */

import { Button } from "../../parts";
import { groupOf, type Tree } from "./tree";
import { useVocabulary, type Vocabulary } from "./vocabulary";

interface Starter {
  label: string;
  tree: Tree;
}

function startersOf(words: Vocabulary): Starter[] {
  const has = (name: string) => words.events.some((each) => each.name === name);
  const order = ["Order Completed", "Purchase", "Subscription Started"].find(has) ?? words.events[0]?.name;
  const seen = ["Product Viewed", "Cart Viewed", "Page Viewed"].find(has);
  const spend = words.features.find((each) => each.kind === "money" || /spend|monetary|revenue/.test(each.name));
  if (!order) return [];
  const did = (event: string, last: string): Tree => ({ term: "did", event, window: { last } });
  return [
    { label: `${order}, lately`, tree: groupOf("all", [did(order, "30d")]) },
    { label: `${order} before, gone quiet`, tree: groupOf("all", [{ term: "stopped", event: order, after: "90d" }]) },
    ...(seen ? [{ label: `${seen}, without ${order}`, tree: groupOf("all", [did(seen, "14d"), { term: "not", value: did(order, "14d") }]) }] : []),
    ...(spend ? [{ label: "The top tenth by spending", tree: groupOf("all", [{ term: ">=", left: { term: "percentile", value: { term: "feature", name: spend.name } }, right: { term: "constant", kind: "number", value: "0.9" } }]) }] : []),
  ];
}

export function Starters({ onTake }: { onTake: (tree: Tree) => void }) {
  const words = useVocabulary();
  const starters = startersOf(words);
  if (!starters.length) return null;
  return (
    <div className="rule-starters">
      <span className="quiet small">Or begin with</span>
      {starters.map((each) => (
        <Button key={each.label} small onClick={() => onTake(each.tree)}>
          {each.label}
        </Button>
      ))}
    </div>
  );
}
