import { useMemo } from "react";
import { useAsk, type Answer } from "../../api/client";
import { AsOf, Badge, ButtonLink, DataTable, Panel, useFormat, type Column } from "../../parts";

type Source = Answer<"GET /api/v1/sources">[number];

/** Whether data comes in, and what could not be taken. */
export function DataHealth({ isTurn }: { isTurn: boolean }) {
  const f = useFormat();
  const found = useAsk("GET /api/v1/sources", {}, { refetchInterval: 30_000, enabled: isTurn });
  const state = useAsk("GET /api/v1/state");
  const columns = useMemo<Column<Source>[]>(
    () => [
      {
        key: "source",
        header: "Source",
        value: (row) => row.source,
        cell: (row) => (
          <span className="row">
            {row.source} {row.is_live && <Badge tone="good">live</Badge>}
          </span>
        ),
      },
      { key: "rows", header: "Rows", number: true, value: (row) => row.rows, cell: (row) => f.number(row.rows) },
      {
        key: "failed",
        header: "Failed",
        number: true,
        value: (row) => row.failed,
        cell: (row) => (row.failed ? <Badge tone="warn">{f.number(row.failed)}</Badge> : <span className="quiet">{row.failed === null ? "–" : "0"}</span>),
      },
      { key: "newest", header: "Newest", value: (row) => row.newest_at, cell: (row) => <span className="nowrap">{row.age_s === null ? "–" : `${f.duration(row.age_s)} old`}</span>, minor: true },
    ],
    [f],
  );
  return (
    <Panel
      title="Data"
      words="What comes in, and how old it is."
      flush
      of={found}
      foot={
        <>
          <AsOf at={state.data?.as_of} exact={null} note={state.data?.build ? `build ${state.data.build}` : "not built yet"} />
          <span className="grow" />
          <ButtonLink small kind="quiet" to="/data">
            Quality and lineage
          </ButtonLink>
        </>
      }
    >
      <DataTable caption="Sources" columns={columns} rows={found.data ?? []} rowKey={(row) => row.source} csv={false} maxHeight={300} />
    </Panel>
  );
}
