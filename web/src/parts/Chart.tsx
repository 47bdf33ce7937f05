import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTheme } from "../app/theme";
import { useNote } from "./Based";
import { Button, IconButton } from "./Button";
import { Menu } from "./Menu";
import { useSay } from "./Toast";
import type { Drawn, Twin, TwinRow } from "./charts";
import { download, fileName, toCsv } from "./files";
import { notedCanvas, notedSvg } from "./noted";
import { paintNow, type Paint } from "./paint";

interface ChartProps {
  /** What it shows: its name for those who listen, and of its files. */
  title: string;
  /** From `lines`, `bars`, `heat`, `flows`, or made by hand; keep it the same while nothing changes (`useMemo`). */
  of: Drawn;
  height?: number;
  /** A click on a datum that carries a `mark`; the table's rows have a button that does the same. */
  onMark?: (mark: never) => void;
  /** What to call that button. */
  markLabel?: string;
  /** Without the menu: small charts. */
  bare?: boolean;
}

/** A chart with the table that says the same; CSV, PNG and SVG to take home. */
export function Chart({ title, of, height = 280, onMark, markLabel = "People", bare }: ChartProps) {
  const [asTable, setAsTable] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const { shown } = useTheme();
  const [isReady, setReady] = useState(false);
  const say = useSay();
  const note = useNote();
  const name = note ? `${title} estimate` : title;
  const act = useRef(onMark);
  useEffect(() => {
    act.current = onMark;
  });

  useEffect(() => {
    const element = box.current;
    if (!element || asTable) return;
    let gone = false;
    let stop = () => {};
    void import("./echarts").then(({ init }) => {
      if (gone) return;
      const made = init(element, null, { renderer: "canvas" });
      chart.current = made;
      made.setOption(finished(of, paintNow()));
      made.on("click", (event) => {
        const mark = (event.data as { mark?: unknown } | null)?.mark;
        if (mark !== undefined && mark !== null) act.current?.(mark as never);
      });
      const watch = new ResizeObserver(() => made.resize({ animation: { duration: 0 } }));
      watch.observe(element);
      stop = () => {
        watch.disconnect();
        made.dispose();
        chart.current = null;
      };
      setReady(true);
    });
    return () => {
      gone = true;
      stop();
      setReady(false);
    };
    // What is drawn is kept up to date below; a new chart is made only for another box.
    // eslint-disable-next-line
  }, [asTable]);

  useEffect(() => {
    if (isReady) chart.current?.setOption(finished(of, paintNow()), { notMerge: true });
  }, [of, shown, isReady]);

  const picture = async (kind: "png" | "svg") => {
    try {
      const made = await drawnFile(of, box.current?.clientWidth || 800, height, kind, note);
      download(fileName(name, kind), made);
    } catch {
      say("The picture could not be made", "bad");
    }
  };
  const csv = () => download(fileName(name, "csv"), toCsv(of.twin.head, of.twin.rows.map((row) => row.cells), note));
  return (
    <figure className={bare ? "chart bare" : "chart"} aria-label={title}>
      {!bare && (
        <div className="chart-tools">
          <IconButton small icon={asTable ? "chart" : "table"} label={asTable ? `${title} as a chart` : `${title} as a table`} onClick={() => setAsTable(!asTable)} />
          <Menu
            items={[
              { label: "CSV", icon: "download", onSelect: csv },
              { label: "PNG", icon: "download", onSelect: () => void picture("png") },
              { label: "SVG", icon: "download", onSelect: () => void picture("svg") },
            ]}
          >
            <Button kind="quiet" small icon="download" className="icon-button" aria-label={`Save ${title}`} />
          </Menu>
        </div>
      )}
      {asTable ? (
        <TwinTable twin={of.twin} title={title} height={height} {...(onMark ? { onMark } : {})} markLabel={markLabel} />
      ) : (
        <div ref={box} className={onMark ? "chart-box acts" : "chart-box"} style={{ height }} role="img" aria-label={`${title}. The same is there as a table.`} />
      )}
    </figure>
  );
}

function TwinTable({ twin, title, height, onMark, markLabel }: { twin: Twin; title: string; height: number; onMark?: (mark: never) => void; markLabel: string }) {
  const marks = onMark && twin.rows.some((row) => row.mark !== undefined && row.mark !== null);
  return (
    <div className="table-scroll" style={{ maxHeight: Math.max(height, 240) }} tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table className="table">
        <caption className="unseen">{title}</caption>
        <thead>
          <tr>
            {twin.head.map((each, place) => (
              <th key={place} scope="col" className={place ? "number" : undefined}>
                <span className="heading">{each}</span>
              </th>
            ))}
            {marks && (
              <th scope="col">
                <span className="unseen">{markLabel}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {twin.rows.map((row, place) => (
            <TwinLine key={place} row={row} onMark={marks ? onMark : undefined} markLabel={markLabel} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TwinLine({ row, onMark, markLabel }: { row: TwinRow; onMark: ((mark: never) => void) | undefined; markLabel: string }) {
  const { mark } = row;
  return (
    <tr>
      {row.cells.map((cell, place) => (
        <td key={place} className={typeof cell === "number" ? "number" : undefined}>
          {typeof cell === "number" ? cell.toLocaleString("en-GB", { maximumFractionDigits: 4 }) : (cell ?? "–")}
        </td>
      ))}
      {onMark && (
        <td className="number">
          {mark !== undefined && mark !== null && (
            <button type="button" className="link-button" onClick={() => onMark(mark as never)}>
              {markLabel}
            </button>
          )}
        </td>
      )}
    </tr>
  );
}

/** The option with what every chart has: the theme's letters and colours, a tooltip without markup, words for all. */
function finished({ option }: Drawn, paint: Paint): EChartsCoreOption {
  const own = option(paint);
  return {
    color: paint.series,
    animationDuration: 350,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: paint.font, color: paint.ink },
    aria: { enabled: true },
    ...own,
    ...(own["tooltip"] ? { tooltip: tooltipOf(paint, own["tooltip"] as Record<string, unknown>) } : {}),
  };
}

interface Pointed {
  seriesName?: string;
  name: string;
  value: unknown;
  color?: unknown;
  axisValueLabel?: string;
  data?: { told?: string } | null;
}

function tooltipOf(paint: Paint, own: Record<string, unknown>): Record<string, unknown> {
  const format = (own["valueFormatter"] as ((value: unknown) => string) | undefined) ?? ((value: unknown) => String(value ?? "–"));
  return {
    backgroundColor: paint.raised,
    borderColor: paint.line,
    textStyle: { color: paint.ink, fontFamily: paint.font, fontSize: 12 },
    className: "chart-tip",
    confine: true,
    axisPointer: { lineStyle: { color: paint.ink3, type: "dashed" }, shadowStyle: { color: paint.sunken, opacity: 0.4 } },
    ...(own["formatter"] ? {} : { formatter: (pointed: Pointed | Pointed[]) => tip(pointed, format) }),
    ...own,
  };
}

/** What is said of what is pointed at, as elements: the policy of the page allows no markup with styles. */
function tip(pointed: Pointed | Pointed[], format: (value: unknown) => string): HTMLElement {
  const all = Array.isArray(pointed) ? pointed : [pointed];
  const box = document.createElement("div");
  const head = document.createElement("strong");
  head.textContent = all[0]?.axisValueLabel ?? all[0]?.name ?? "";
  box.append(head);
  for (const each of all) {
    const line = document.createElement("div");
    const dot = document.createElement("span");
    dot.className = "chart-dot";
    if (typeof each.color === "string") dot.style.background = each.color;
    const name = document.createElement("span");
    name.textContent = Array.isArray(pointed) ? (each.seriesName ?? "") : "";
    const value = document.createElement("b");
    value.textContent = each.data?.told ?? format(each.value);
    line.append(dot, name, value);
    box.append(line);
  }
  return box;
}

/** The chart as a file, drawn anew without a screen's limits. */
async function drawnFile(of: Drawn, width: number, height: number, kind: "png" | "svg", note: string): Promise<Blob> {
  const { init } = await import("./echarts");
  const paint = paintNow();
  const option = { ...finished(of, paint), animation: false, backgroundColor: paint.surface };
  if (kind === "svg") {
    const made = init(null, null, { renderer: "svg", ssr: true, width, height });
    made.setOption(option);
    const text = made.renderToSVGString();
    made.dispose();
    return new Blob([note ? notedSvg(text, note, paint, width, height) : text], { type: "image/svg+xml" });
  }
  const box = document.createElement("div");
  const made = init(box, null, { renderer: "canvas", width, height, devicePixelRatio: 2 });
  made.setOption(option);
  const drawn = made.getRenderedCanvas({ pixelRatio: 2, backgroundColor: paint.surface });
  const canvas = note ? notedCanvas(drawn, note, paint, 2) : drawn;
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  made.dispose();
  if (!blob) throw new Error("No picture.");
  return blob;
}

/** A line without axes, beside a number that says the same. */
export function Spark({ values, against }: { values: readonly (number | null)[]; against?: readonly (number | null)[] }) {
  const all = useMemo(() => [...values, ...(against ?? [])].flatMap((each) => (each === null ? [] : [each])), [values, against]);
  if (all.length < 2) return null;
  const least = Math.min(...all, 0);
  const most = Math.max(...all);
  const path = (of: readonly (number | null)[]) => {
    let pen = "M";
    return of
      .map((value, place) => {
        if (value === null) {
          pen = "M";
          return "";
        }
        const point = `${pen}${((place / Math.max(1, of.length - 1)) * 100).toFixed(2)} ${(30 - ((value - least) / (most - least || 1)) * 28 - 1).toFixed(2)}`;
        pen = "L";
        return point;
      })
      .join("");
  };
  return (
    <svg className="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      {against && <path d={path(against)} className="spark-against" vectorEffect="non-scaling-stroke" />}
      <path d={path(values)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
