/** Every source, what became of its rows, and how fresh it is. */

import { useMemo } from "react";
import { useAsk } from "../../api/client";
import type { SourceEntry } from "../../api/types.gen";
import { Link } from "../../app/router";
import { useMay } from "../../app/session";
import { Badge, DataTable, Empty, Live, Panel, useFormat, type Column } from "../../parts";

const MANY_DAYS = 30 * 86_400;

export function Sources() {
  const f = useFormat();
  const people = useMay()("see_people");
  const found = useAsk("GET /api/v1/sources", {}, { refetchInterval: 15_000 });
  const columns = useMemo<Column<SourceEntry>[]>(
    () => [
      {
        key: "source",
        header: "Source",
        value: (row) => row.source,
        cell: (row) => (
          <span className="source-name">
            {row.is_live ? <strong>{row.source}</strong> : <Link to={`/data?tab=quality&table=${encodeURIComponent(row.source)}`}>{row.source}</Link>}
            {row.is_live && <Live />}
            <span className="quiet tiny">{row.is_live ? "over HTTP" : row.files.map((each) => each.split("/").at(-1)).join(", ")}</span>
          </span>
        ),
      },
      { key: "rows", header: "Rows", number: true, value: (row) => row.rows, cell: (row) => f.number(row.rows) },
      { key: "used", header: "Used", number: true, value: (row) => row.used, cell: (row) => <Share part={row.used} of={row.rows} /> },
      { key: "unused", header: "Not used", number: true, value: (row) => row.unused, cell: (row) => f.number(row.unused), minor: true },
      {
        key: "failed",
        header: "Failed",
        number: true,
        value: (row) => row.failed,
        cell: (row) =>
          row.failed && people ? (
            <Link to={`/data?tab=failed&source=${encodeURIComponent(row.source)}`}>
              <Badge tone="warn">{f.number(row.failed)}</Badge>
            </Link>
          ) : (
            f.number(row.failed)
          ),
      },
      { key: "newest", header: "Newest event", value: (row) => row.newest_at, cell: (row) => <Fresh at={row.newest_at} age={row.age_s} /> },
      { key: "loaded", header: "Loaded", value: (row) => row.loaded_at, minor: true, cell: (row) => (row.is_live ? "as they come" : row.loaded_at ? <span className="nowrap" title={f.time(row.loaded_at)}>{f.ago(row.loaded_at)}</span> : <Badge tone="warn">not yet</Badge>) },
      { key: "made", header: "Became", minor: true, value: (row) => made(row), cell: (row) => <Made row={row} /> },
    ],
    [f, people],
  );
  return (
    <Panel title="Sources" flush of={found}>
      <DataTable
        caption="Sources"
        columns={columns}
        rows={found.data ?? []}
        rowKey={(row) => row.source}
        find={(row) => `${row.source} ${made(row)}`}
        maxHeight={900}
        empty={
          <Empty icon="data" title="No sources yet" command="habitue start orders.csv --dir shop">
            Describe one in sources/*.yaml, or let Habitue look at a file.
          </Empty>
        }
      />
    </Panel>
  );
}

function made(row: SourceEntry): string {
  return Object.keys(row.made).join(", ");
}

function Made({ row }: { row: SourceEntry }) {
  const f = useFormat();
  return (
    <span className="made tiny">
      {Object.entries(row.made).map(([what, count]) => (
        <Link key={what} to={`/data?tab=quality&table=${encodeURIComponent(what)}`}>
          {f.compact(count)} {what}
        </Link>
      ))}
    </span>
  );
}

/** A share of the whole as a bar and in figures. */
function Share({ part, of }: { part: number | null; of: number | null }) {
  const f = useFormat();
  const share = part !== null && of ? part / of : null;
  return (
    <span className="share-cell">
      {f.number(part)}
      {share !== null && <meter className="share-bar" min={0} max={1} value={share} title={f.share(share)} aria-label={`${f.share(share)} of the rows`} />}
    </span>
  );
}

function Fresh({ at, age }: { at: string | null; age: number | null }) {
  const f = useFormat();
  if (!at) return <span className="quiet">–</span>;
  return (
    <span className="fresh nowrap" title={f.time(at)}>
      {f.ago(at)} {age !== null && age > MANY_DAYS && <Badge tone="warn">old</Badge>}
    </span>
  );
}
