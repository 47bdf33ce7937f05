/** Who looked at or changed what about whom, and whether that list can be believed. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ask, type Answer, type ProblemError } from "../../api/client";
import type { AuditCheck, AuditLine } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { Badge, Button, Chips, DataTable, Empty, Field, Input, Panel, Problem, Select, Skeleton, customerAddress, useFormat, type Chip, type Column } from "../../parts";

const PAGE = 100;
const ACTIONS = ["read", "export", "erase", "consent", "merge", "unmerge", "permission", "retention", "key"] as const;
const TONES: Readonly<Record<string, "plain" | "info" | "warn" | "bad">> = { erase: "bad", export: "warn", permission: "warn", key: "warn", merge: "info", unmerge: "info", consent: "info" };

export function Audit() {
  const f = useFormat();
  const [state, set] = useUrlState({ action: "", subject: "", actor: "", since: "", until: "" });
  const query = {
    action: state.action || undefined,
    subject: state.subject || undefined,
    actor: state.actor || undefined,
    since: state.since || undefined,
    until: state.until || undefined,
    limit: PAGE,
  };
  const found = useInfiniteQuery<Answer<"GET /api/v1/privacy/audit/entries">, ProblemError>({
    queryKey: ["GET /api/v1/privacy/audit/entries", query],
    queryFn: ({ pageParam, signal }) => ask("GET /api/v1/privacy/audit/entries", { query: { ...query, cursor: pageParam as number | undefined } }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.entries) ?? [], [found.data]);
  const columns = useMemo(() => columnsOf(f, set), [f, set]);
  const chips: Chip[] = [
    ...(state.subject ? [{ key: "subject", label: "About", value: state.subject, onRemove: () => set({ subject: "" }) }] : []),
    ...(state.actor ? [{ key: "actor", label: "By", value: state.actor, onRemove: () => set({ actor: "" }) }] : []),
  ];
  return (
    <div className="stack">
      <Believed />
      <div className="audit-filters">
        <Field label="What">{(control) => <Select {...control} value={state.action} onChange={(action) => set({ action })} of={[{ value: "", label: "Everything" }, ...ACTIONS.map((each) => ({ value: each as string, label: each }))]} />}</Field>
        <Field label="From">{(control) => <Input {...control} type="date" value={state.since} max={state.until || undefined} onChange={(since) => set({ since })} />}</Field>
        <Field label="Before">{(control) => <Input {...control} type="date" value={state.until} min={state.since || undefined} onChange={(until) => set({ until })} />}</Field>
      </div>
      <Chips chips={chips} onClear={() => set({ subject: "", actor: "" })} />
      <Panel title="What was done" flush>
        {found.error ? (
          <div className="padded">
            <Problem error={found.error} onAgain={() => void found.refetch()} />
          </div>
        ) : found.isPending ? (
          <div className="padded">
            <Skeleton lines={8} />
          </div>
        ) : (
          <DataTable
            caption="What was done"
            columns={columns}
            rows={rows}
            rowKey={(row) => String(row.number)}
            empty={<Empty icon="privacy" title="Nothing fits">No entry of the log is like this.</Empty>}
            onMore={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
            isLoadingMore={found.isFetchingNextPage}
          />
        )}
      </Panel>
    </div>
  );
}

function columnsOf(f: ReturnType<typeof useFormat>, set: (changes: { subject?: string; actor?: string }) => void): Column<AuditLine>[] {
  return [
    { key: "number", header: "Entry", number: true, value: (row) => row.number, cell: (row) => f.number(row.number), width: "5rem" },
    { key: "at", header: "When", value: (row) => row.at, cell: (row) => <span className="nowrap">{f.time(row.at)}</span>, width: "10rem" },
    { key: "action", header: "What", value: (row) => row.action, cell: (row) => <Badge tone={TONES[row.action] ?? "plain"}>{row.action}</Badge>, width: "7rem" },
    {
      key: "subject",
      header: "About whom",
      value: (row) => row.subject,
      width: "13rem",
      cell: (row) =>
        row.subject ? (
          <span className="row nowrap">
            <Link to={customerAddress(row.subject)} className="mono tiny">
              {row.subject}
            </Link>
            <button type="button" className="link-button tiny" onClick={() => set({ subject: row.subject })}>
              only<span className="unseen"> entries about {row.subject}</span>
            </button>
          </span>
        ) : (
          <span className="quiet">–</span>
        ),
    },
    { key: "about", header: "What exactly", value: (row) => row.about },
    { key: "purpose", header: "What for", value: (row) => row.purpose, cell: (row) => row.purpose.replaceAll("_", " ") || <span className="quiet">–</span>, minor: true },
    {
      key: "actor",
      header: "Who",
      value: (row) => row.actor,
      width: "9rem",
      cell: (row) => (
        <button type="button" className="link-button" onClick={() => set({ actor: row.actor })}>
          {row.actor}
        </button>
      ),
    },
  ];
}

/** Whether the chain of entries holds. */
function Believed() {
  const f = useFormat();
  const [check, setCheck] = useState<AuditCheck | null>(null);
  const [error, setError] = useState<ProblemError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    setError(null);
    try {
      const said = await ask("GET /api/v1/privacy/audit", { query: { verify: true, limit: 1 } });
      setCheck(said.check);
    } catch (problem) {
      setError(problem as ProblemError);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel
      title="Can it be believed?"
      words="Every entry vouches for those before it and is signed; the vault remembers the last."
      actions={
        <Button icon="check" busy={isBusy} onClick={() => void verify()}>
          Verify the chain
        </Button>
      }
    >
      <div role="status">
        {error && <Problem small error={error} />}
        {check && check.broken_at === null && (
          <p className="row">
            <Badge tone="good">holds</Badge> {f.number(check.entries)} entries. Keep this somewhere else: <code className="digest">{check.head}</code>
          </p>
        )}
        {check && check.broken_at !== null && (
          <p className="row bad">
            <Badge tone="bad">broken</Badge> at entry {f.number(check.broken_at)}: {check.why}.
          </p>
        )}
        {!check && !error && <p className="quiet small">Not verified since you opened this page.</p>}
      </div>
    </Panel>
  );
}
