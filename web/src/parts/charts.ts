/** Usual charts: each gives `Chart` its option and the table that says the same. A datum may carry a `mark` to click. */

import type { EChartsCoreOption } from "echarts/core";
import type { Paint } from "./paint";

export interface TwinRow {
  cells: readonly (string | number | null)[];
  mark?: unknown;
}

/** The same as the chart says, in rows. */
export interface Twin {
  head: readonly string[];
  rows: readonly TwinRow[];
}

export interface Drawn {
  option: (paint: Paint) => EChartsCoreOption;
  twin: Twin;
}

type Say = (value: number | null) => string;
type MarkAt = (series: number, place: number) => unknown;

export interface Series {
  name: string;
  values: readonly (number | null)[];
  /** Compared with: grey and dashed. */
  isAgainst?: boolean;
  area?: boolean;
  color?: (paint: Paint) => string;
}

interface Many {
  /** What is along the axis, as it is shown. */
  labels: readonly string[];
  /** What the labels are, as "Day". */
  axis: string;
  series: readonly Series[];
  format: Say;
  /** As labels of the axis; by default as `format`. */
  short?: Say;
  mark?: MarkAt;
}

const FULL_OPACITY = 1;
/** The room that a cell's letters want, and the labels beside them, in pixels. */
const CELL = 40;
const LABELS = 130;

function twinOf({ labels, axis, series, mark }: Many): Twin {
  return {
    head: [axis, ...series.map((each) => each.name)],
    rows: labels.map((label, place) => ({
      cells: [label, ...series.map((each) => each.values[place] ?? null)],
      ...(mark ? { mark: mark(0, place) } : {}),
    })),
  };
}

function data({ mark }: Many, at: number, values: readonly (number | null)[]) {
  return values.map((value, place) => ({ value, ...(mark ? { mark: mark(at, place) } : {}) }));
}

function axes(paint: Paint, { labels, short, format }: Many, horizontal = false) {
  const along = {
    type: "category",
    data: labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: paint.line } },
    axisLabel: { color: paint.ink3, hideOverlap: true, ...(horizontal ? { width: 130, overflow: "truncate" } : {}) },
    ...(horizontal ? { inverse: true } : {}),
  };
  const up = {
    type: "value",
    splitNumber: horizontal ? 3 : 4,
    axisLabel: { color: paint.ink3, hideOverlap: true, formatter: (value: number) => (short ?? format)(value) },
    splitLine: { lineStyle: { color: paint.line } },
  };
  return horizontal ? { xAxis: up, yAxis: along } : { xAxis: along, yAxis: up };
}

function frame(paint: Paint, many: Many) {
  const named = many.series.length > 1;
  return {
    grid: { left: 4, right: 12, top: named ? 34 : 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    ...(named ? { legend: { top: 0, left: 0, itemWidth: 16, itemHeight: 8, icon: "roundRect", textStyle: { color: paint.ink2 } } } : {}),
    tooltip: { trigger: "axis", valueFormatter: (value: unknown) => many.format(value as number | null) },
  };
}

function colorOf(paint: Paint, series: Series, at: number): string {
  return series.color?.(paint) ?? (series.isAgainst ? paint.against : (paint.series[at % paint.series.length] ?? paint.accent));
}

/** How things go over time. */
export function lines(many: Many): Drawn {
  return {
    twin: twinOf(many),
    option: (paint) => ({
      ...frame(paint, many),
      ...axes(paint, many),
      series: many.series.map((series, at) => ({
        type: "line",
        name: series.name,
        data: data(many, at, series.values),
        showSymbol: many.labels.length < 40 && !series.isAgainst,
        symbol: ["circle", "rect", "triangle", "diamond"][at % 4],
        symbolSize: 6,
        smooth: 0.15,
        // Never below or above what was measured.
        smoothMonotone: "x",
        connectNulls: false,
        color: colorOf(paint, series, at),
        lineStyle: { width: series.isAgainst ? 1.5 : 2.2, type: series.isAgainst ? "dashed" : "solid" },
        ...(series.area ? { areaStyle: { opacity: 0.1 } } : {}),
        z: series.isAgainst ? 1 : 2,
        triggerEvent: true,
      })),
    }),
  };
}

/** How things compare. */
export function bars(many: Many & { horizontal?: boolean; stacked?: boolean }): Drawn {
  return {
    twin: twinOf(many),
    option: (paint) => ({
      ...frame(paint, many),
      ...axes(paint, many, many.horizontal),
      series: many.series.map((series, at) => ({
        type: "bar",
        name: series.name,
        data: data(many, at, series.values),
        color: colorOf(paint, series, at),
        barMaxWidth: 28,
        ...(many.stacked ? { stack: "all" } : {}),
        itemStyle: { borderRadius: many.stacked ? 0 : many.horizontal ? [0, 4, 4, 0] : [4, 4, 0, 0] },
        emphasis: { itemStyle: { opacity: FULL_OPACITY } },
      })),
    }),
  };
}

/** The colour of letters that is read best on a place of the scale. */
function readable(paint: Paint, share: number): string {
  const [low, high] = paint.scale.map(lights);
  if (!low || !high) return paint.ink;
  const at = Math.max(0, Math.min(1, share));
  const ground = shine(low.map((each, place) => each + ((high[place] ?? each) - each) * at));
  const apart = (color: string) => {
    const letters = shine(lights(color));
    return (Math.max(letters, ground) + 0.05) / (Math.min(letters, ground) + 0.05);
  };
  return apart(paint.ink) >= apart(paint.surface) ? paint.ink : paint.surface;
}

/** Red, green and blue of `rgb(1, 2, 3)`, 0 to 255. */
function lights(color: string): number[] {
  return (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

/** How bright a colour is, as the accessibility guidelines have it. */
function shine(color: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = color.map((each) => {
    const part = each / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

interface Heat {
  columns: readonly string[];
  rows: readonly string[];
  /** What rows are, and columns, as "Came in" and "Months later". */
  rowsAre: string;
  columnsAre: string;
  /** By row and column; null is hidden or not known. */
  value: (row: number, column: number) => number | null;
  format: Say;
  mark?: (row: number, column: number) => unknown;
  /** The ends of the scale; by default the least and the most. */
  least?: number;
  most?: number;
  showValues?: boolean;
}

/** How much, by two things. */
export function heat(of: Heat): Drawn {
  const cells = of.rows.flatMap((_, row) => of.columns.map((__, column) => ({ row, column, value: of.value(row, column) })));
  const known = cells.flatMap((cell) => (cell.value === null ? [] : [cell.value]));
  const floor = of.least ?? Math.min(0, ...known);
  const ceiling = of.most ?? Math.max(...known, 0);
  return {
    twin: {
      head: [of.rowsAre, ...of.columns],
      rows: of.rows.map((label, row) => ({ cells: [label, ...of.columns.map((_, column) => of.value(row, column))] })),
    },
    option: (paint) => ({
      grid: { left: 4, right: 8, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { trigger: "item" },
      xAxis: { type: "category", data: of.columns, position: "top", axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: paint.ink3 } },
      yAxis: { type: "category", data: of.rows, inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: paint.ink3, width: 150, overflow: "truncate" } },
      visualMap: { show: false, dimension: 2, min: floor, max: ceiling, inRange: { color: paint.scale } },
      series: [
        {
          type: "heatmap",
          data: cells
            .filter((cell) => cell.value !== null)
            .map((cell) => ({
              value: [cell.column, cell.row, cell.value],
              name: `${of.rows[cell.row]} · ${of.columns[cell.column]}`,
              told: of.format(cell.value),
              // Light on dark and dark on light, whatever the theme.
              label: { color: readable(paint, ((cell.value ?? 0) - floor) / (ceiling - floor || 1)) },
              ...(of.mark ? { mark: of.mark(cell.row, cell.column) } : {}),
            })),
          label: { show: of.showValues ?? of.columns.length <= 14, formatter: (each: { data: { told: string } }) => each.data.told, fontSize: 11 },
          itemStyle: { borderColor: paint.surface, borderWidth: 2, borderRadius: 4 },
        },
      ],
      // Where cells are narrower than what they say, the table and the tooltip say it.
      media: [{ query: { maxWidth: of.columns.length * CELL + LABELS }, option: { series: [{ label: { show: false } }] } }],
    }),
  };
}

interface Flows {
  nodes: readonly { name: string; label?: string; depth?: number; mark?: unknown; isEnd?: boolean }[];
  links: readonly { source: string; target: string; value: number; mark?: unknown }[];
  format: Say;
}

/** What follows what, as wide as it is many. */
export function flows({ nodes, links, format }: Flows): Drawn {
  const label = new Map(nodes.map((node) => [node.name, node.label ?? node.name]));
  // The same thing has the same colour wherever it stands.
  const kinds = [...new Set(nodes.filter((node) => !node.isEnd).map((node) => node.label ?? node.name))];
  const hue = (paint: Paint, node: Flows["nodes"][number]) => (node.isEnd ? paint.against : (paint.series[kinds.indexOf(node.label ?? node.name) % paint.series.length] ?? paint.accent));
  return {
    twin: {
      head: ["From", "To", "People"],
      rows: links.map((link) => ({ cells: [label.get(link.source) ?? link.source, label.get(link.target) ?? link.target, link.value], ...("mark" in link ? { mark: link.mark } : {}) })),
    },
    option: (paint) => ({
      tooltip: { trigger: "item" },
      series: [
        {
          type: "sankey",
          left: 4,
          right: 110,
          top: 12,
          bottom: 12,
          nodeWidth: 10,
          nodeGap: 12,
          draggable: false,
          emphasis: { focus: "adjacency" },
          label: { color: paint.ink2, fontSize: 12, width: 104, overflow: "truncate", formatter: (each: { data: { label_text?: string; name: string } }) => each.data.label_text ?? each.data.name },
          lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
          data: nodes.map((node) => ({ name: node.name, label_text: node.label ?? node.name, ...(node.depth === undefined ? {} : { depth: node.depth }), itemStyle: { borderWidth: 0, color: hue(paint, node) }, ...("mark" in node ? { mark: node.mark } : {}) })),
          links: links.map((link) => ({ ...link, told: format(link.value), name: `${label.get(link.source)} → ${label.get(link.target)}` })),
        },
      ],
    }),
  };
}
