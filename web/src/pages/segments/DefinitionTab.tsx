import { useAsk } from "../../api/client";
import { Link } from "../../app/router";
import { asCurl, Copy, Empty, Panel } from "../../parts";

const PAGES: Readonly<Record<string, string>> = { segment: "/segments", metric: "/measures" };

/** Where it is declared, in every way to write it down, and what uses it. */
export function DefinitionTab({ name }: { name: string }) {
  const found = useAsk("GET /api/v1/segments/{name}/definition", { path: { name } });
  const said = found.data;
  const python = `import habitue as hb\n\nshop = hb.open("shop")\nshop.segments["${name}"].members().to_polars()\n`;
  return (
    <div className="stack">
      <Panel
        title={said?.file || "Definition"}
        words="As it stands in the project's files."
        of={found}
        actions={
          said && (
            <Copy
              as={[
                { label: "YAML", text: said.yaml },
                { label: "JSON", text: () => JSON.stringify(said.tree, null, 2) },
                { label: "rule", text: said.rule },
                { label: "curl", text: () => asCurl("POST /api/v1/segments/preview", { body: { rule: said.rule } }) },
                { label: "Python", text: python },
                { label: "command", text: `habitue segments members ${name}` },
              ]}
            />
          )
        }
      >
        {said && (
          <pre tabIndex={0} aria-label="The definition as YAML">
            <code>{said.yaml}</code>
          </pre>
        )}
      </Panel>
      <Panel title="Used by" of={found}>
        {said?.used_by.length ? (
          <ul className="segments-drafts">
            {said.used_by.map((each) => (
              <li key={`${each.kind} ${each.name}`}>
                <span className="quiet">{each.kind}</span> {PAGES[each.kind] ? <Link to={`${PAGES[each.kind]}/${encodeURIComponent(each.name)}`}>{each.label || each.name}</Link> : each.label || each.name}
              </li>
            ))}
          </ul>
        ) : (
          <Empty icon="link" title="Nothing uses it">
            No segment, feature, metric or channel names it; it can be deleted.
          </Empty>
        )}
      </Panel>
    </div>
  );
}
