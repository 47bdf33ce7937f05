/** Rows that could not be taken in, and why: mended here, then taken in. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ask, useAct, useAsk, type ProblemError } from "../../api/client";
import type { FailedCount, FailedEntry, LiveFailure, ReplayReport } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { Badge, Button, Chips, DataTable, Empty, Panel, Problem, Skeleton, useFormat, useSay, type Column } from "../../parts";
import { Mend } from "./Mend";
import { MendMessage } from "./MendMessage";

const PAGE = 100;
const LIVE_STATES: Readonly<Record<string, string>> = { open: "waits", replayed: "taken in", dropped: "given up" };

export function FailedRows() {
  const f = useFormat();
  const [state, set] = useUrlState({ source: "", code: "", stage: "" });
  const counts = useAsk("GET /api/v1/sources/failed/counts", {}, { staleTime: 5_000 });
  const query = { source: state.source || undefined, code: state.code || undefined, stage: state.stage || undefined };
  const columns = useMemo<Column<FailedCount>[]>(
    () => [
      { key: "source", header: "Source", value: (row) => row.source },
      { key: "code", header: "Reason", value: (row) => row.code, cell: (row) => <code>{row.code}</code> },
      { key: "stage", header: "Stage", value: (row) => row.stage, minor: true },
      { key: "rows", header: "Rows", number: true, value: (row) => row.rows, cell: (row) => f.number(row.rows) },
    ],
    [f],
  );
  if (counts.data && !counts.data.length) {
    return (
      <div className="stack">
        <Panel>
          <Empty icon="check" title="No row of a file waits">
            Every row that was read was used, or is sound and nothing is made of it.
          </Empty>
        </Panel>
        <LiveMessages source="" />
      </div>
    );
  }
  return (
    <div className="stack">
      <Panel title="Why rows failed" words="A click on a reason shows its rows." flush of={counts}>
        <DataTable
          caption="Why rows failed"
          columns={columns}
          rows={counts.data ?? []}
          rowKey={(row) => `${row.source} ${row.stage} ${row.code}`}
          onRow={(row) => set({ source: row.source, code: row.code, stage: row.stage }, { push: true })}
          rowClass={(row) => (row.source === state.source && row.code === state.code ? "chosen" : undefined)}
          maxHeight={280}
        />
      </Panel>
      <Chips
        chips={(["source", "code", "stage"] as const).flatMap((key) => (state[key] ? [{ key, label: { source: "Source", code: "Reason", stage: "Stage" }[key], value: state[key], onRemove: () => set({ [key]: "" }) }] : []))}
        onClear={() => set({ source: "", code: "", stage: "" })}
      />
      <Waiting query={query} />
      <LiveMessages source={state.source} />
    </div>
  );
}

/** Messages of live sources that could not be taken in: mended one by one, or all tried again once a contract was corrected. */
function LiveMessages({ source }: { source: string }) {
  const f = useFormat();
  const may = useMay();
  const say = useSay();
  const queries = useQueryClient();
  const replay = useAct("POST /api/v1/sources/failed/live/replay");
  const [mending, setMending] = useState<LiveFailure | null>(null);
  const found = useAsk("GET /api/v1/sources/failed/live", { query: { limit: 200, ...(source ? { source } : {}) } }, { staleTime: 5_000 });
  const columns = useMemo<Column<LiveFailure>[]>(
    () => [
      { key: "id", header: "Message", number: true, value: (row) => row.id, width: "6rem" },
      { key: "source", header: "Source", value: (row) => row.source },
      { key: "code", header: "Reason", value: (row) => row.code, cell: (row) => <code>{row.code}</code> },
      { key: "field", header: "Field", value: (row) => row.field, cell: (row) => (row.field ? <code>{row.field}</code> : <span className="quiet">the message</span>), minor: true },
      { key: "reason", header: "Why", value: (row) => row.reason, cell: (row) => <span className="small">{row.reason}</span> },
      { key: "received", header: "Came", value: (row) => row.received_at, cell: (row) => <span className="nowrap" title={f.time(row.received_at)}>{f.ago(row.received_at)}</span> },
      {
        key: "state",
        header: "Stands",
        value: (row) => row.state,
        cell: (row: LiveFailure) =>
          row.state === "open" && may("build") ? (
            <Button small onClick={() => setMending(row)} aria-label={`Mend message ${row.id}`}>
              Mend
            </Button>
          ) : (
            <span className="quiet small">{LIVE_STATES[row.state] ?? row.state}</span>
          ),
      },
    ],
    [f, may],
  );
  if (!found.data?.length) return null;
  const waiting = found.data.filter((row) => row.state === "open").length;
  const again = () =>
    replay.mutate(
      { body: source ? { source } : {} },
      {
        onSuccess: (report) => {
          say(`${f.number(report.taken_in)} of ${f.number(report.tried)} messages were taken in`, report.failing.length ? "bad" : "good");
          void queries.invalidateQueries({ queryKey: ["GET /api/v1/sources/failed/live"] });
        },
      },
    );
  return (
    <Panel
      title="Live messages that failed"
      words="What they said stays sealed. Mend one, or correct the contract and try all that wait again."
      flush
      actions={
        may("build") && waiting > 0 ? (
          <Button busy={replay.isPending} onClick={again}>
            Try {f.number(waiting)} again
          </Button>
        ) : undefined
      }
    >
      {replay.error && <Problem small error={replay.error} />}
      <DataTable caption="Live messages that failed" columns={columns} rows={found.data} rowKey={(row) => String(row.id)} />
      {mending && <MendMessage row={mending} onClose={() => setMending(null)} />}
    </Panel>
  );
}

function Waiting({ query }: { query: { source?: string | undefined; code?: string | undefined; stage?: string | undefined } }) {
  const may = useMay();
  const [mending, setMending] = useState<FailedEntry | null>(null);
  const found = useInfiniteQuery<FailedEntry[], ProblemError>({
    queryKey: ["GET /api/v1/sources/failed", query],
    queryFn: ({ pageParam, signal }) => ask("GET /api/v1/sources/failed", { query: { ...query, limit: PAGE, after: pageParam as number } }, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.id),
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => found.data?.pages.flat() ?? [], [found.data]);
  const columns = useMemo<Column<FailedEntry>[]>(
    () => [
      { key: "id", header: "Row", number: true, value: (row) => row.id, width: "4rem" },
      { key: "place", header: "Place", value: (row) => `${row.file}:${row.line}`, cell: (row) => <span className="tiny">{row.file.split("/").at(-1)}:{row.line}</span> },
      { key: "field", header: "Field", value: (row) => row.field, cell: (row) => (row.field ? <code>{row.field}</code> : <span className="quiet">the row</span>) },
      { key: "reason", header: "Why", value: (row) => row.reason, cell: (row) => <span className="small">{row.reason}</span> },
      { key: "state", header: "State", value: (row) => row.state, cell: (row) => <Badge tone={row.state === "repaired" ? "good" : "warn"}>{row.state === "repaired" ? "mended, waits" : "open"}</Badge> },
      ...(may("build")
        ? [
            {
              key: "mend",
              header: "Mend",
              cell: (row: FailedEntry) => (
                <button type="button" className="link-button" onClick={() => setMending(row)}>
                  Mend<span className="unseen"> row {row.id}</span>
                </button>
              ),
            },
          ]
        : []),
    ],
    [may],
  );
  const same = mending ? rows.filter((row) => row.code === mending.code && row.source === mending.source && row.field === mending.field) : [];
  return (
    <Panel title="Rows that wait" flush actions={may("build") && <Replay mended={rows.filter((row) => row.state === "repaired").length} />}>
      {found.error ? (
        <div className="padded">
          <Problem error={found.error} onAgain={() => void found.refetch()} />
        </div>
      ) : found.isPending ? (
        <div className="padded">
          <Skeleton lines={6} />
        </div>
      ) : (
        <DataTable
          caption="Rows that wait"
          columns={columns}
          rows={rows}
          rowKey={(row) => String(row.id)}
          {...(may("build") ? { onRow: setMending } : {})}
          find={(row) => `${row.file} ${row.field} ${row.reason}`}
          empty={<Empty icon="check" title="No row waits" />}
          onMore={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
          isLoadingMore={found.isFetchingNextPage}
        />
      )}
      {mending && <Mend key={mending.id} row={mending} same={same} onClose={() => setMending(null)} />}
    </Panel>
  );
}

/** Takes in what was mended. */
function Replay({ mended }: { mended: number }) {
  const f = useFormat();
  const say = useSay();
  const queries = useQueryClient();
  const act = useAct("POST /api/v1/sources/replay");
  const [report, setReport] = useState<ReplayReport | null>(null);
  const replay = () =>
    act.mutate(
      {},
      {
        onSuccess: (done) => {
          setReport(done);
          say(done.repaired ? `${f.number(done.taken_in)} of ${f.number(done.repaired)} mended rows were taken in` : "Nothing was mended; sources are as they were");
          void queries.invalidateQueries();
        },
        onError: (error) => say(error.message, "bad"),
      },
    );
  return (
    <>
      {report && report.failing.length > 0 && <span className="tiny bad">{f.number(report.failing.length)} fail still</span>}
      <Button small kind={mended ? "primary" : "plain"} icon="play" busy={act.isPending} onClick={replay}>
        Replay{mended ? ` ${f.number(mended)} mended` : ""}
      </Button>
    </>
  );
}
