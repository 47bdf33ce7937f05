/** How long data stays, and what goes with the next build. */

import { useMemo } from "react";
import { useAsk } from "../../api/client";
import type { RetentionEntry } from "../../api/types.gen";
import { Badge, DataTable, Empty, Panel, useFormat, type Column } from "../../parts";

export function Retention() {
  const f = useFormat();
  const found = useAsk("GET /api/v1/privacy/retention", {}, { staleTime: 30_000 });
  const columns = useMemo<Column<RetentionEntry>[]>(
    () => [
      { key: "about", header: "Data", value: (row) => row.about },
      { key: "keep", header: "Stays", value: (row) => row.keep, cell: (row) => (row.keep ? <Badge tone="good">{row.keep}</Badge> : <Badge tone="warn">no rule</Badge>) },
      { key: "rule", header: "Rule", value: (row) => row.rule, cell: (row) => (row.rule ? <code>{row.rule}</code> : <span className="quiet">–</span>), minor: true },
      { key: "purpose", header: "For", value: (row) => row.purpose, cell: (row) => row.purpose.replaceAll("_", " ") || <span className="quiet">–</span>, minor: true },
      { key: "limit", header: "Older goes", value: (row) => row.limit, cell: (row) => (row.limit ? `before ${f.date(row.limit)}` : <span className="quiet">never</span>) },
      { key: "rows", header: "Rows", number: true, value: (row) => row.rows, cell: (row) => f.number(row.rows) },
      { key: "gone", header: "Go with the next build", number: true, value: (row) => row.gone, cell: (row) => (row.gone ? <Badge tone="warn">{f.number(row.gone)}</Badge> : f.number(row.gone)) },
    ],
    [f],
  );
  const without = found.data?.filter((each) => !each.rule).length ?? 0;
  return (
    <Panel
      title="Retention"
      words={without ? `${without} kinds of data have no rule and stay for good: declare one in policies/*.yaml.` : "Everything has a rule."}
      flush
      of={found}
    >
      <DataTable
        caption="Retention"
        columns={columns}
        rows={found.data ?? []}
        rowKey={(row) => `${row.about} ${row.rule}`}
        find={(row) => `${row.about} ${row.rule} ${row.purpose}`}
        empty={<Empty icon="clock" title="Nothing is kept yet" command="habitue build" />}
      />
    </Panel>
  );
}
