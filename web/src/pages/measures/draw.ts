/** Figures of measures as charts. */

import type { SeenCell, SeenCohorts, SeenFunnel, SeenMeasure } from "../../api/types.gen";
import { bars, heat, lines, type Drawn, type Format, type Series, type Unit } from "../../parts";

/** Which value of a metric somebody points at. */
export interface ValueMark {
  groups: (string | null)[];
  step: string | null;
  value: number | null;
  customers: number | null;
}

export const NOT_KNOWN = "not known";

/** A group of one or several dimensions as one label. */
export function groupLabel(groups: readonly (string | null)[]): string {
  return groups.map((each) => each ?? NOT_KNOWN).join(" · ");
}

export function amount(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}

export function markOf(cell: SeenCell): ValueMark {
  return { groups: cell.groups, step: cell.step, value: amount(cell.value), customers: cell.customers };
}

/** A value as short as an axis wants it. */
function onAxis(f: Format, unit: Unit, currency: string) {
  return (value: number | null) => f.valueCompact(value, unit, currency).replace(/[.,]00$/, "");
}

/** The first day of a step as an axis has it. */
export function stepLabel(step: string, every: string, f: Format): string {
  if (every !== "month" || !step) return f.day(step);
  return new Date(`${step}T12:00:00Z`).toLocaleDateString("en-GB", { month: "short", year: "2-digit", timeZone: "UTC" });
}

/** A metric over time: whole against the period before, or a line for each group. */
export function trend(found: SeenMeasure, f: Format, { stacked = false }: { stacked?: boolean } = {}): Drawn {
  const unit = found.metric.unit as Unit;
  const steps = [...new Set(found.cells.map((each) => each.step ?? ""))].sort();
  const groups = [...new Map(found.cells.map((each) => [JSON.stringify(each.groups), each.groups])).values()];
  const at = new Map(found.cells.map((each) => [`${each.step} ${JSON.stringify(each.groups)}`, each]));
  const cell = (step: string, group: (string | null)[]) => at.get(`${step} ${JSON.stringify(group)}`);
  const series: Series[] = groups.slice(0, 8).map((group) => ({
    name: groups.length > 1 ? groupLabel(group) : found.metric.label,
    values: steps.map((step) => amount(cell(step, group)?.value ?? null)),
    area: groups.length === 1,
  }));
  const only = groups.length === 1 ? groups[0] : undefined;
  if (only && found.cells.some((each) => each.before !== null)) {
    series.push({ name: "Period before", values: steps.map((step) => amount(cell(step, only)?.before ?? null)), isAgainst: true });
  }
  const many = {
    labels: steps.map((step) => stepLabel(step, found.every, f)),
    axis: stepWord(found.every),
    series,
    format: (value: number | null) => f.value(value, unit, found.metric.currency),
    short: onAxis(f, unit, found.metric.currency),
    mark: (line: number, place: number) => {
      const group = groups[only ? 0 : line];
      const found_at = group && cell(steps[place] ?? "", group);
      return found_at && (!only || line === 0) ? markOf(found_at) : null;
    },
  };
  return stacked ? bars({ ...many, stacked: groups.length > 1 }) : lines(many);
}

function stepWord(every: string): string {
  return { day: "Day", week: "Week from", month: "Month from" }[every] ?? "When";
}

/** A metric by group, the largest first, against the period before. */
export function breakdown(found: SeenMeasure, f: Format): Drawn {
  const unit = found.metric.unit as Unit;
  const cells = found.cells;
  const series: Series[] = [{ name: found.metric.label, values: cells.map((each) => amount(each.value)) }];
  if (cells.some((each) => each.before !== null)) series.push({ name: "Period before", values: cells.map((each) => amount(each.before)), isAgainst: true });
  return bars({
    horizontal: true,
    labels: cells.map((each) => groupLabel(each.groups)),
    axis: found.by.join(" · "),
    series,
    format: (value) => f.value(value, unit, found.metric.currency),
    short: onAxis(f, unit, found.metric.currency),
    mark: (line, place) => (line === 0 && cells[place] ? markOf(cells[place]) : null),
  });
}

/** A metric by group and step. */
export function heatOf(found: SeenMeasure, f: Format): Drawn {
  const unit = found.metric.unit as Unit;
  const steps = [...new Set(found.cells.map((each) => each.step ?? ""))].sort();
  const groups = [...new Map(found.cells.map((each) => [JSON.stringify(each.groups), each.groups])).values()];
  const at = new Map(found.cells.map((each) => [`${each.step} ${JSON.stringify(each.groups)}`, each]));
  const cell = (row: number, column: number) => at.get(`${steps[column]} ${JSON.stringify(groups[row])}`);
  return heat({
    columns: steps.map((each) => stepLabel(each, found.every, f)),
    rows: groups.map(groupLabel),
    rowsAre: found.by.join(" · "),
    columnsAre: stepWord(found.every),
    value: (row, column) => amount(cell(row, column)?.value ?? null),
    format: (value) => f.valueCompact(value, unit, found.metric.currency),
    mark: (row, column) => {
      const found_at = cell(row, column);
      return found_at ? markOf(found_at) : null;
    },
  });
}

export interface StepMark {
  step: number;
  dropped: boolean;
  value: string | null;
  isPart: boolean;
  count: number | null;
}

/** How many take each step, and how many do not go on to it. */
export function funnelBars(found: SeenFunnel, f: Format): Drawn {
  const labels = found.steps.map((each, place) => `${place + 1}. ${each.step}`);
  const groups = found.groups.length ? found.groups : [{ value: null, others: false, steps: found.steps }];
  const isParted = found.groups.length > 0;
  const series: Series[] = groups.slice(0, 8).map((group) => ({
    name: group.others ? "all others" : isParted ? (group.value ?? NOT_KNOWN) : "Went on",
    values: group.steps.map((each) => (isParted ? each.of_first : each.customers)),
  }));
  if (!isParted) {
    series.push({
      name: "Dropped before it",
      values: found.steps.map((each, place) => {
        const before = place ? found.steps[place - 1]?.customers : each.customers;
        return each.customers === null || before === null || before === undefined ? null : before - each.customers;
      }),
      isAgainst: true,
    });
  }
  return withWholeLabels(bars({
    labels,
    axis: "Step",
    stacked: !isParted,
    series,
    format: (value) => (isParted ? f.share(value) : f.number(value)),
    short: (value) => (isParted ? f.share(value, 0) : f.compact(value)),
    mark: (line, place): StepMark | null => {
      if (isParted) {
        const group = groups[line];
        if (!group || group.others) return null;
        return { step: place + 1, dropped: false, value: group.value, isPart: true, count: group.steps[place]?.customers ?? null };
      }
      if (line === 1 && !place) return null;
      const count = series[line]?.values[place] ?? null;
      return { step: place + 1, dropped: line === 1, value: null, isPart: false, count };
    },
  }), Math.max(56, Math.round(420 / labels.length)));
}

/** The same with every label of the axis below, in several lines where it is long. */
function withWholeLabels(drawn: Drawn, width: number): Drawn {
  return {
    ...drawn,
    option: (paint) => {
      const option = drawn.option(paint) as { xAxis: { axisLabel: object } };
      const narrow = { xAxis: { axisLabel: { width: Math.round(200 / Math.max(1, drawn.twin.rows.length)), fontSize: 10, lineHeight: 12 } } };
      return { ...option, media: [{ query: { maxWidth: 420 }, option: narrow }], xAxis: { ...option.xAxis, axisLabel: { ...option.xAxis.axisLabel, interval: 0, hideOverlap: false, width, overflow: "break", lineHeight: 15 } } };
    },
  };
}

export interface CohortMark {
  start: string;
  later: number | null;
  count: number | null;
}

/** Who came again, by when they came first: shares, people or money. */
export function cohortHeat(found: SeenCohorts, f: Format, show: "share" | "customers" | "revenue"): Drawn {
  const many = Math.max(0, ...found.cohorts.map((each) => each.steps.length));
  const said = (value: number | null) => (show === "share" ? f.share(value, 0) : show === "revenue" ? f.moneyCompact(value) : f.compact(value));
  const at = (row: number, column: number) => found.cohorts[row]?.steps[column];
  return heat({
    columns: Array.from({ length: many }, (_, place) => `+${place}`),
    rows: found.cohorts.map((each) => `${cohortLabel(each.start, found.every, f)} (${f.compact(each.customers)})`),
    rowsAre: `First ${found.every}`,
    columnsAre: `${found.every}s later`,
    value: (row, column) => {
      const step = at(row, column);
      if (!step || step.hidden) return null;
      return show === "share" ? step.share : show === "revenue" ? amount(step.revenue) : step.customers;
    },
    format: said,
    mark: (row, column): CohortMark | null => {
      const [cohort, step] = [found.cohorts[row], at(row, column)];
      return cohort && step && !step.hidden ? { start: cohort.start, later: step.later, count: step.customers } : null;
    },
    showValues: many <= 26,
    // Everybody comes in the first step: the scale is of those after it.
    ...(show === "revenue" ? {} : scaleOf(found, show)),
  });
}

function scaleOf(found: SeenCohorts, show: "share" | "customers") {
  const later = found.cohorts.flatMap((each) => each.steps.slice(1).map((step) => step[show] ?? 0));
  const most = Math.max(0, ...later);
  return most ? { least: 0, most } : {};
}

export function cohortLabel(start: string, every: string, f: Format): string {
  return every === "month" ? new Date(`${start}T12:00:00Z`).toLocaleDateString("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }) : f.date(start);
}
