/** The visits of somebody: what was done on site, one thing after another without a long pause. */

import { useMemo } from "react";
import type { TimelineEvent } from "../../api/types.gen";
import { navigate } from "../../app/router";
import { DataTable, Empty, Panel, Problem, Skeleton, useFormat, type Column } from "../../parts";
import { useTimeline } from "./Timeline";

const VISIT = ["Session"] as const;

export function Visits({ customer }: { customer: string }) {
  const f = useFormat();
  const found = useTimeline(customer, { events: VISIT });
  const visits = useMemo(() => found.data?.pages.flatMap((page) => page.events) ?? [], [found.data]);
  const columns = useMemo<Column<TimelineEvent>[]>(() => {
    const text = (name: string) => (row: TimelineEvent) => (row.properties[name] ?? null) as string | null;
    const number = (name: string) => (row: TimelineEvent) => (row.properties[name] ?? null) as number | null;
    return [
      { key: "started", header: "Began", value: (row) => String(row.properties["started_at"] ?? row.occurred_at), cell: (row) => f.time(String(row.properties["started_at"] ?? row.occurred_at)) },
      { key: "duration", header: "Lasted", number: true, value: number("duration_s"), cell: (row) => f.duration(row.properties["duration_s"] as number) },
      { key: "pages", header: "Pages", number: true, value: number("pages") },
      { key: "events", header: "Events", number: true, value: number("events"), minor: true },
      { key: "channel", header: "Channel", value: text("channel") },
      { key: "device", header: "Device", value: text("device"), minor: true },
      { key: "entry", header: "From page", value: text("entry"), minor: true },
      { key: "exit", header: "To page", value: text("exit"), minor: true },
    ];
  }, [f]);
  return (
    <Panel title="Visits" words="A click on one shows what happened in it." flush>
      {found.error ? (
        <div className="padded">
          <Problem error={found.error.code === "TIMELINE-EVENT" ? new Error("This project has no visits: no source has events of a site or an app.") : found.error} />
        </div>
      ) : found.isPending ? (
        <div className="padded">
          <Skeleton lines={6} />
        </div>
      ) : (
        <DataTable
          caption="Visits"
          columns={columns}
          rows={visits}
          rowKey={(row) => `${row.event_id} ${row.occurred_at}`}
          onRow={(row) => navigate(visitAddress(customer, row))}
          empty={<Empty icon="screen" title="No visits yet" />}
          onMore={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
          isLoadingMore={found.isFetchingNextPage}
        />
      )}
    </Panel>
  );
}

const DAY_MS = 86_400_000;

/** The timeline of the day, or days, that a visit was on. */
function visitAddress(customer: string, visit: TimelineEvent): string {
  const began = new Date(String(visit.properties["started_at"] ?? visit.occurred_at));
  const ended = new Date(visit.occurred_at);
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return `/customers/${encodeURIComponent(customer)}?tab=timeline&since=${day(began)}&until=${day(new Date(ended.getTime() + DAY_MS))}`;
}
