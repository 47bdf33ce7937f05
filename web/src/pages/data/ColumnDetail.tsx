/** One column: as it is stored, and as a model would see it. */

import { useMemo } from "react";
import { useAsk } from "../../api/client";
import type { ColumnProfile, ColumnSpread, PreparedColumn, SeenColumn } from "../../api/types.gen";
import { useMay } from "../../app/session";
import { Chart, IconButton, Panel, Problem, Skeleton, bars, useFormat } from "../../parts";

const NUMERIC = ["integer", "number", "money", "boolean"];

export function ColumnDetail({ table, column, onClose }: { table: string; column: ColumnProfile | SeenColumn; onClose: () => void }) {
  const people = useMay()("see_people");
  const isNumber = NUMERIC.includes(column.kind) || ("number" in column && column.number !== null);
  return (
    <Panel title={`${column.name}: before and after preparation`} words="Cut where values lie far out, unskewed, scaled to mean 0 and deviation 1, missing ones filled in." actions={<IconButton icon="close" label="Close the column" onClick={onClose} />}>
      {isNumber && people && !column.is_personal ? <Prepared table={table} column={column.name} /> : <Values column={column} />}
    </Panel>
  );
}

function Prepared({ table, column }: { table: string; column: string }) {
  const f = useFormat();
  const found = useAsk("GET /api/v1/quality/prepared", { query: { name: table, column } }, { staleTime: 60_000 });
  if (found.error) return <Problem error={found.error} />;
  if (!found.data) return <Skeleton height={220} />;
  const { data } = found;
  return (
    <div className="stack">
      <div className="columns">
        <SpreadChart title={`${column} as it is`} spread={data.before} words={`mean ${f.number(data.before.mean)}, skewness ${f.number(data.before.skewness)}`} />
        <SpreadChart title={`${column} prepared`} spread={data.after} words={`mean ${f.number(data.after.mean)}, skewness ${f.number(data.after.skewness)}`} />
      </div>
      <p className="quiet small">{said(f, data)}</p>
    </div>
  );
}

function said(f: ReturnType<typeof useFormat>, data: PreparedColumn): string {
  const scale = data.transform === "none" ? "not unskewed" : data.transform === "log" ? "on a logarithmic scale" : "on an asinh scale";
  const ends = [data.low !== null ? `below ${f.number(data.low)}` : "", data.high !== null ? `above ${f.number(data.high)}` : ""].filter(Boolean).join(" or ");
  return `${f.number(data.rows)} rows; ${ends ? `${f.number(data.cut)} values ${ends} are cut` : "nothing is cut"}; ${scale}; ${f.number(data.missing)} missing values are filled in with the median.`;
}

function SpreadChart({ title, spread, words }: { title: string; spread: ColumnSpread; words: string }) {
  const f = useFormat();
  const drawn = useMemo(
    () =>
      bars({
        axis: "From",
        labels: spread.counts.map((_, place) => f.compact(spread.edges[place])),
        series: [{ name: "Rows", values: spread.counts }],
        format: (value) => f.number(value),
        short: (value) => f.compact(value),
      }),
    [spread, f],
  );
  return (
    <div>
      <h3>{title}</h3>
      <p className="quiet tiny">{words}</p>
      {spread.counts.length ? <Chart title={title} of={drawn} height={200} /> : <p className="quiet">No values.</p>}
    </div>
  );
}

function Values({ column }: { column: ColumnProfile | SeenColumn }) {
  const f = useFormat();
  const top = "text" in column ? (column.text?.top ?? []) : "top" in column ? column.top : [];
  const drawn = useMemo(
    () =>
      bars({
        axis: "Value",
        labels: top.map((each) => each.value),
        series: [{ name: "Share", values: top.map((each) => each.share) }],
        format: (value) => f.share(value),
        horizontal: true,
      }),
    [top, f],
  );
  if (column.is_personal) return <p className="quiet">Personal: only what stands for the values is in the tables, and it says nothing.</p>;
  if (!top.length) return <p className="quiet">Nothing is prepared here: only numbers are.</p>;
  return <Chart title={`Most frequent values of ${column.name}`} of={drawn} height={Math.max(120, 26 * top.length + 40)} />;
}
