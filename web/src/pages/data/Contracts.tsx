/** What events, customers and items must look like. */

import { useMemo } from "react";
import { useAsk } from "../../api/client";
import type { Contract, ContractColumn } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { Badge, DataTable, Empty, Icon, Panel, type Column } from "../../parts";

export function Contracts() {
  const found = useAsk("GET /api/v1/contracts", {}, { staleTime: 60_000 });
  const [state, set] = useUrlState({ contract: "" });
  const chosen = found.data?.find((each) => name(each) === state.contract) ?? found.data?.[0];
  const columns = useMemo<Column<ContractColumn>[]>(
    () => [
      { key: "name", header: "Property", value: (row) => row.name, cell: (row) => <code>{row.name}</code> },
      { key: "kind", header: "Kind", value: (row) => row.kind },
      { key: "required", header: "Needed", value: (row) => row.required, cell: (row) => (row.required ? <span className="row nowrap"><Icon name="check" size={14} /> needed</span> : <span className="quiet">–</span>) },
      { key: "personal", header: "Personal", value: (row) => row.personal, cell: (row) => (row.personal ? <Badge tone="warn">in the vault</Badge> : <span className="quiet">–</span>) },
      { key: "rules", header: "Rules", value: (row) => row.rules, cell: (row) => row.rules || <span className="quiet">–</span> },
      { key: "label", header: "Label", value: (row) => row.label, minor: true },
    ],
    [],
  );
  return (
    <div className="side-list">
      <Panel title="Contracts" of={found}>
        <ul className="pick" aria-label="Contracts">
          {found.data?.map((each) => (
            <li key={each.table}>
              <button type="button" aria-pressed={each === chosen} onClick={() => set({ contract: name(each) })}>
                <span className="grow">{name(each)}</span>
                <span className="quiet tiny">{each.declared ? each.columns.length : "inferred"}</span>
              </button>
            </li>
          ))}
        </ul>
      </Panel>
      {chosen ? (
        <Panel
          title={name(chosen)}
          words={chosen.label || undefined}
          flush
          actions={chosen.declared ? <Badge tone="good">declared</Badge> : <Badge tone="warn">inferred from its sources</Badge>}
          foot={
            <span className="row tiny">
              <span className="quiet">Filled by</span> {chosen.sources.join(", ") || "nothing yet"}
              <Link to={`/data?tab=quality&table=${encodeURIComponent(name(chosen))}`}>Its quality</Link>
            </span>
          }
        >
          <DataTable caption={`Contract of ${name(chosen)}`} columns={columns} rows={chosen.columns} rowKey={(row) => row.name} find={(row) => `${row.name} ${row.label}`} />
        </Panel>
      ) : (
        found.data && (
          <Empty icon="data" title="No contracts yet">
            Say in contracts/*.yaml what an event must look like: what does not fit goes into the failed lane with its reason.
          </Empty>
        )
      )}
    </div>
  );
}

function name(contract: Contract): string {
  return contract.event || contract.table;
}
