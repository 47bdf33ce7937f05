/** Every figure about somebody. */

import { useMemo } from "react";
import type { KnownValue } from "../../api/types.gen";
import { DataTable, Empty, Panel, type Column } from "../../parts";
import { Link } from "../../app/router";
import { Value, valueText } from "./Value";
import { useFormat } from "../../parts";

export function Features({ features }: { features: readonly KnownValue[] }) {
  const f = useFormat();
  const columns = useMemo<Column<KnownValue>[]>(
    () => [
      { key: "label", header: "Feature", value: (row) => row.label, cell: (row) => <Link to={`/data?tab=quality&table=features&column=${encodeURIComponent(row.name)}`}>{row.label}</Link> },
      { key: "name", header: "Name", value: (row) => row.name, minor: true, cell: (row) => <code className="tiny">{row.name}</code> },
      { key: "value", header: "Value", number: true, value: (row) => valueText(f, row.kind, row.value, row.unit), cell: (row) => <Value kind={row.kind} value={row.value} unit={row.unit} /> },
    ],
    [f],
  );
  return (
    <Panel title="Features" flush>
      <DataTable
        caption="Features"
        columns={columns}
        rows={features}
        rowKey={(row) => row.name}
        find={(row) => `${row.label} ${row.name}`}
        findLabel="Find a feature"
        maxHeight={420}
        empty={
          <Empty icon="data" title="No features yet" command="habitue build">
            Declare figures in features/*.yaml, then build.
          </Empty>
        }
      />
    </Panel>
  );
}
