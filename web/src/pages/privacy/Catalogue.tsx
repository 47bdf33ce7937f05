/** Every table and column that is kept, what it says of people, what for, and how long. */

import { useMemo, useState } from "react";
import { useAsk } from "../../api/client";
import type { KeptColumn, KeptTable } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { Badge, Check, DataTable, Empty, Panel, useFormat, type Column } from "../../parts";

interface Line extends KeptColumn {
  table: KeptTable;
}

export function Catalogue() {
  const f = useFormat();
  const found = useAsk("GET /api/v1/privacy/catalogue", {}, { staleTime: 60_000 });
  const [state, set] = useUrlState({ store: "" });
  const [all, setAll] = useState(false);
  const lines = useMemo(
    () =>
      (found.data ?? [])
        .filter((table) => !state.store || table.store === state.store)
        .sort((one, other) => Number(Boolean(other.subject_key)) - Number(Boolean(one.subject_key)))
        .flatMap((table) => table.columns.map((column) => ({ ...column, table }) satisfies Line))
        .filter((line) => all || line.about_people),
    [found.data, state.store, all],
  );
  const stores = useMemo(() => [...new Set((found.data ?? []).map((each) => each.store))], [found.data]);
  const columns = useMemo<Column<Line>[]>(
    () => [
      { key: "store", header: "Store", value: (row) => row.table.store, width: "7rem" },
      { key: "table", header: "Table", value: (row) => row.table.table, cell: (row) => <span title={row.table.label}>{row.table.table}</span>, width: "19%" },
      { key: "name", header: "Column", value: (row) => row.name, cell: (row) => <code>{row.name}</code>, width: "15%" },
      { key: "category", header: "What it says", value: (row) => row.category, cell: (row) => <span title={row.term}><Badge tone={row.sealed ? "warn" : row.about_people ? "info" : "plain"}>{row.category.replaceAll("_", " ")}</Badge></span>, width: "8rem" },
      { key: "sealed", header: "Clear value", value: (row) => row.sealed, cell: (row) => (row.sealed ? "vault only" : "table"), width: "7rem" },
      { key: "purposes", header: "For", value: (row) => row.table.purposes.join(", "), cell: (row) => <span className="tiny" title={row.table.purposes.join(", ")}>{row.table.purposes.map((each) => each.replaceAll("_", " ")).join(", ") || "–"}</span>, minor: true },
      { key: "retention", header: "Stays", value: (row) => row.table.retention, cell: (row) => <span className="tiny" title={row.table.retention}>{row.table.retention || "–"}</span>, minor: true },
    ],
    [],
  );
  const tables = new Set(lines.map((each) => `${each.table.store} ${each.table.table}`)).size;
  return (
    <Panel title="Catalogue of personal data" words={`${f.number(lines.length)} columns of ${f.number(tables)} tables. Access, erasure, retention and the processing register are read from it; what it does not name fails the build.`} flush of={found}>
      <DataTable
        caption="Catalogue of personal data"
        columns={columns}
        rows={lines}
        rowKey={(row) => `${row.table.store} ${row.table.table} ${row.name}`}
        find={(row) => `${row.table.store} ${row.table.table} ${row.table.label} ${row.name} ${row.label} ${row.category}`}
        findLabel="Find a column"
        tools={
          <>
            <select className="input select store-choice" aria-label="Store" value={state.store} onChange={(event) => set({ store: event.target.value })}>
              <option value="">Every store</option>
              {stores.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
            <Check label="Also what says nothing of people" checked={all} onChange={setAll} />
          </>
        }
        maxHeight={640}
        empty={<Empty icon="privacy" title="No column fits" />}
      />
    </Panel>
  );
}
