import { useMemo, useRef } from "react";
import { useCounters } from "../../api/changes";
import { useAsk, type Answer } from "../../api/client";
import { Link } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { Badge, ButtonLink, DataTable, Empty, Live, Panel, Spark, useFormat, type Column } from "../../parts";

type Entry = Answer<"GET /api/v1/segments/board">["segments"][number];

interface Row {
  entry: Entry;
  size: number | null;
  /** Since the page was opened. */
  moved: number;
  /** At the builds before. */
  sizes: (number | null)[];
}

const MOST = 8;

/** The groups with the most movement, with their sizes as they change. */
export function LiveSegments() {
  const f = useFormat();
  const noun = useNoun();
  const may = useMay();
  const found = useAsk("GET /api/v1/segments/board");
  const { counters, isLive } = useCounters();
  const begun = useRef<Record<string, number | null> | null>(null);
  if (counters && !begun.current) begun.current = counters.segments;
  const rows = useMemo(() => rowsOf(found.data?.segments ?? [], counters?.segments ?? {}, begun.current ?? {}), [found.data, counters]);
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        key: "name",
        header: "Segment",
        value: (row) => row.entry.segment.label || row.entry.segment.name,
        cell: (row) => (
          <>
            <Link to={`/segments/${encodeURIComponent(row.entry.segment.name)}`} title={row.entry.segment.words}>
              {row.entry.segment.label || row.entry.segment.name}
            </Link>
            {row.entry.segment.purpose && <span className="quiet tiny overview-purpose">{row.entry.segment.purpose.replaceAll("_", " ")}</span>}
          </>
        ),
      },
      { key: "size", header: noun.Many, number: true, value: (row) => row.size, cell: (row) => <strong>{row.size === null ? "few" : f.number(row.size)}</strong> },
      {
        key: "moved",
        header: "Since you look",
        number: true,
        value: (row) => row.moved,
        cell: (row) => (row.moved ? <Badge tone="accent">{row.moved > 0 ? `+${row.moved}` : `−${-row.moved}`}</Badge> : <span className="quiet">–</span>),
      },
      { key: "spark", header: "At builds", width: "7rem", minor: true, cell: (row) => <Spark values={row.sizes} /> },
    ],
    [f, noun.Many],
  );
  return (
    <Panel
      title="Segments"
      words="The largest, and those that move while you look."
      flush
      of={found}
      actions={isLive && <Live />}
      foot={
        <>
          <ButtonLink small kind="quiet" to="/segments">
            All {f.number(found.data?.segments.length)} segments
          </ButtonLink>
          <span className="grow" />
          {may("edit_definitions") && (
            <ButtonLink small kind="quiet" icon="plus" to="/segments/new">
              New segment
            </ButtonLink>
          )}
        </>
      }
    >
      <DataTable caption="Segments that move" columns={columns} rows={rows} rowKey={(row) => row.entry.segment.name} rowTo={(row) => `/segments/${encodeURIComponent(row.entry.segment.name)}`} csv={false} empty={<Empty title="No segments yet" icon="segments" command="habitue segments list" />} />
    </Panel>
  );
}

function rowsOf(entries: readonly Entry[], now: Readonly<Record<string, number | null>>, begun: Readonly<Record<string, number | null>>): Row[] {
  const rows = entries.map((entry) => {
    const { name, customers } = entry.segment;
    const size = name in now ? (now[name] ?? null) : customers;
    const moved = size !== null && begun[name] !== undefined && begun[name] !== null ? size - begun[name] : 0;
    return { entry, size, moved, sizes: [...entry.movement.map((each) => each.customers)] };
  });
  rows.sort((one, other) => Math.abs(other.moved) - Math.abs(one.moved) || (other.size ?? 0) - (one.size ?? 0));
  return rows.slice(0, MOST);
}
