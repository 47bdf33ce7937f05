/** Where data goes: choose anything, and see what it is made from and what is made from it. */

import { useMemo, useState } from "react";
import { useAsk } from "../../api/client";
import type { Lineage, LineageNode } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { Button, Chart, Empty, Input, Panel, flows } from "../../parts";

const KINDS = [
  { kind: "source", title: "Sources" },
  { kind: "table", title: "Tables" },
  { kind: "feature", title: "Features" },
  { kind: "segment", title: "Segments" },
  { kind: "metric", title: "Metrics" },
] as const;

export function LineageTab() {
  const found = useAsk("GET /api/v1/lineage", {}, { staleTime: 60_000 });
  const [state, set] = useUrlState({ node: "" });
  const [wanted, setWanted] = useState("");
  const lineage = found.data;
  const touched = useMemo(() => (lineage && state.node ? around(lineage, state.node) : null), [lineage, state.node]);
  const chosen = lineage?.nodes.find((each) => each.id === state.node);
  return (
    <div className="stack">
      {chosen && lineage && touched && <Flow lineage={lineage} chosen={chosen} touched={touched} onNode={(node) => set({ node }, { push: true })} onClear={() => set({ node: "" })} />}
      <Panel
        title="Everything"
        words="Choose one to see what it is made from, and what would change with it."
        of={found}
        actions={<Input type="search" icon="search" aria-label="Find in the lineage" placeholder="Find" value={wanted} onChange={setWanted} />}
      >
        {lineage?.nodes.length ? (
          <div className="lineage">
            {KINDS.map(({ kind, title }) => (
              <Column key={kind} title={title} nodes={lineage.nodes.filter((each) => each.kind === kind && fits(each, wanted))} chosen={state.node} touched={touched} onNode={(node) => set({ node: node === state.node ? "" : node }, { push: true })} />
            ))}
          </div>
        ) : (
          <Empty icon="data" title="Nothing is declared yet" command="habitue start orders.csv" />
        )}
      </Panel>
    </div>
  );
}

function fits(node: LineageNode, wanted: string): boolean {
  return `${node.name} ${node.label}`.toLowerCase().includes(wanted.trim().toLowerCase());
}

/** What it is made from, what is made from it, over any number of steps. */
function around({ edges }: Lineage, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  const go = (from: "source" | "target", to: "source" | "target") => {
    const waiting = [id];
    const seen = new Set([id]);
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      for (const edge of edges) {
        if (edge[from] === one && !seen.has(edge[to])) {
          seen.add(edge[to]);
          found.add(edge[to]);
          waiting.push(edge[to]);
        }
      }
    }
  };
  go("source", "target");
  go("target", "source");
  return found;
}

function Column({ title, nodes, chosen, touched, onNode }: { title: string; nodes: readonly LineageNode[]; chosen: string; touched: ReadonlySet<string> | null; onNode: (id: string) => void }) {
  return (
    <section className="lineage-column">
      <h3>
        {title} <span className="quiet tiny">{nodes.length}</span>
      </h3>
      <ul>
        {nodes.map((node) => (
          <li key={node.id}>
            <button type="button" aria-pressed={node.id === chosen} className={touched && !touched.has(node.id) ? "far" : undefined} title={node.label || undefined} onClick={() => onNode(node.id)}>
              {node.name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const MOST = 60;

function Flow({ lineage, chosen, touched, onNode, onClear }: { lineage: Lineage; chosen: LineageNode; touched: ReadonlySet<string>; onNode: (id: string) => void; onClear: () => void }) {
  const nodes = useMemo(() => lineage.nodes.filter((each) => touched.has(each.id)).slice(0, MOST), [lineage, touched]);
  const drawn = useMemo(() => {
    const there = new Set(nodes.map((each) => each.id));
    return flows({
      nodes: nodes.map((each) => ({ name: each.id, label: each.name, mark: each.id })),
      links: lineage.edges.filter((each) => there.has(each.source) && there.has(each.target)).map((each) => ({ ...each, value: 1 })),
      format: () => "",
    });
  }, [nodes, lineage]);
  const after = [...touched].filter((id) => downstream(lineage, chosen.id).has(id));
  return (
    <Panel
      title={chosen.name}
      words={`${chosen.label || chosen.kind}; ${after.length} ${after.length === 1 ? "thing is" : "things are"} made from it${touched.size > MOST ? `; the first ${MOST} are drawn` : ""}`}
      actions={
        <>
          <Place node={chosen} />
          <Button small kind="quiet" icon="close" onClick={onClear}>
            Close
          </Button>
        </>
      }
    >
      <Chart title={`Lineage of ${chosen.name}`} of={drawn} height={Math.min(620, Math.max(180, nodes.length * 22))} onMark={(id: string) => onNode(id)} markLabel="Choose" />
    </Panel>
  );
}

function downstream({ edges }: Lineage, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [id];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const edge of edges) {
      if (edge.source === one && !found.has(edge.target)) {
        found.add(edge.target);
        waiting.push(edge.target);
      }
    }
  }
  return found;
}

/** Where more of it is. */
function Place({ node }: { node: LineageNode }) {
  const name = encodeURIComponent(node.name);
  const to = { source: `/data?tab=sources`, table: `/data?tab=quality&table=${name}`, feature: `/data?tab=quality&table=features&column=${name}`, segment: `/segments/${name}`, metric: `/measures/${name}` }[node.kind];
  return <Link to={to}>Open it</Link>;
}
