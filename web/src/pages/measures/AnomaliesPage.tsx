import { useMemo, useRef } from "react";
import { useAsk } from "../../api/client";
import { useFirstLook } from "../../api/firstLook";
import type { SeenAnomaly } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { AsOf, Badge, Based, Chart, Choice, Copy, Empty, Field, Page, Panel, Select, Skeleton, useFormat, usePeople, type Drawn, type Paint, type Unit } from "../../parts";
import { useMetrics } from "./asked";
import { amount } from "./draw";
import { behindMark } from "./marks";
import "./measures.css";

const LENGTHS = [
  { value: "14", label: "14 days" },
  { value: "60", label: "60 days" },
  { value: "180", label: "180 days" },
  { value: "365", label: "1 year" },
];
const DAY_MS = 86_400_000;
/** How many of the same weekday a day is compared with. */
const WEEKS = 8;

/** Days on which a metric was far from the same weekdays before, and the groups that account for it. */
export default function AnomaliesPage() {
  const [state, set] = useUrlState({ days: "60", metric: "", day: "" });
  const metrics = useMetrics();
  const found = useFirstLook("GET /api/v1/anomalies", { query: { metric: state.metric, days: Number(state.days) } });
  const list = found.data?.anomalies ?? [];
  const shown = useRef("");
  // What was shown of an estimate stays where the exact answer has it too.
  const chosen = list.find((each) => keyOf(each) === state.day) ?? list.find((each) => keyOf(each) === shown.current) ?? list[0];
  shown.current = chosen ? keyOf(chosen) : "";
  return (
    <Page
      title="Anomalies"
      words="Days, and spells of up to two weeks, far from the same weekdays of the eight weeks before; and which groups account for them."
      actions={<Copy as={[{ label: "Command", text: `habitue anomalies ${state.metric}`.trim() }]} />}
    >
      <div className="row apart">
        <Choice label="Time" value={state.days} of={LENGTHS} onChange={(days) => set({ days, day: "" })} />
        <Field label="Metric" bare>
          {(c) => <Select {...c} value={state.metric} of={[{ value: "", label: "Every metric" }, ...(metrics.data ?? []).map((each) => ({ value: each.metric, label: each.label }))]} onChange={(metric) => set({ metric, day: "" })} />}
        </Field>
      </div>
      <Based on={found.basis}>
        <div className="measures-anomalies">
          <Panel title="Days" words={found.data && `${found.data.metrics.length} metrics from ${found.data.since} to ${found.data.until}`} flush of={found} height={400}>
            {list.length ? (
              <ul className="measures-days" aria-label="Days out of the ordinary">
                {list.map((each) => (
                  <li key={keyOf(each)}>
                    <Day each={each} isChosen={each === chosen} onChoose={() => set({ day: keyOf(each) })} />
                  </li>
                ))}
              </ul>
            ) : (
              <Empty title="No day was out of the ordinary" icon="check">
                {found.data?.is_estimate ? "No metric as a whole, among those who were looked at. Single groups and smaller things follow." : "Every metric stayed near the same weekdays of the weeks before."}
              </Empty>
            )}
          </Panel>
          {chosen && found.data ? <One key={keyOf(chosen)} each={chosen} isExact={!found.data.rounded && !found.data.is_estimate} isFirst={found.data.is_estimate} /> : found.isPending && <Skeleton height={400} />}
        </div>
      </Based>
    </Page>
  );
}

const keyOf = (each: SeenAnomaly) => `${each.metric} ${each.day} ${each.dimension} ${each.group}`.trim();
/** What it is about: the metric, and its group where one alone was out of the ordinary. */
const aboutOf = (each: SeenAnomaly) => (each.dimension ? `${each.label} · ${each.dimension.replace(/^trait\./, "")} ${each.group}` : each.label);
const isSpell = (each: SeenAnomaly) => each.last_day !== each.day;

function Day({ each, isChosen, onChoose }: { each: SeenAnomaly; isChosen: boolean; onChoose: () => void }) {
  const f = useFormat();
  return (
    <button type="button" className="measures-day" aria-pressed={isChosen} onClick={onChoose}>
      <span className="row apart">
        <strong>{aboutOf(each)}</strong>
        <Direction each={each} />
      </span>
      <span className="row apart quiet small">
        <span>{isSpell(each) ? `${f.day(each.day)} to ${f.date(each.last_day)}` : f.date(each.day)}</span>
        <span className="figures">
          {f.valueCompact(each.value, each.unit as Unit, each.currency)}, usually {f.valueCompact(each.expected, each.unit as Unit, each.currency)}
        </span>
      </span>
    </button>
  );
}

function Direction({ each }: { each: SeenAnomaly }) {
  const tone = each.good === null ? "info" : each.good ? "good" : "bad";
  return (
    <Badge tone={tone}>
      {each.score > 0 ? "↑ above" : "↓ below"} {Math.abs(each.score).toFixed(1)}
    </Badge>
  );
}

/** One day: how it stands among the others, and what made it. */
function One({ each, isExact, isFirst }: { each: SeenAnomaly; isExact: boolean; isFirst: boolean }) {
  const f = useFormat();
  const people = usePeople();
  const may = useMay();
  const around = useAround(each);
  const said = (value: number | null) => f.value(value, each.unit as Unit, each.currency);
  const next = shifted(each.last_day, 1);
  const when = isSpell(each) ? `from ${f.day(each.day)} to ${f.date(each.last_day)}` : `on ${f.date(each.day)}`;
  const drawn = useMemo(() => around && drawnDay(each, around, said), [around, each]);
  const show = (driver?: { dimension: string; group: string }) => {
    if (!may("see_people")) return;
    const part = driver ? { by: driver.dimension, groups: JSON.stringify([driver.group === "-" ? null : driver.group]) } : {};
    people(
      behindMark("GET /api/v1/metrics/{name}/people", { since: each.day, until: next, ...part }, {
        title: `${each.label} ${when}${driver ? ` · ${driver.group}` : ""}`,
        filters: { Metric: each.metric, ...(isSpell(each) ? { From: each.day, To: each.last_day } : { Day: each.day }), ...(driver ? { [driver.dimension]: driver.group } : {}) },
      }, { name: each.metric }),
    );
  };
  return (
    <Panel
      title={`${aboutOf(each)} ${when}`}
      words={
        <>
          {said(each.value)}, usually {said(each.expected)}: {Math.abs(each.score).toFixed(1)} times the usual spread {each.score > 0 ? "above" : "below"}{isSpell(each) ? ", all these days together" : ""}. <Link to={`/measures/${encodeURIComponent(each.metric)}?since=${shifted(each.day, -28)}&until=${shifted(each.last_day, 8)}&every=day${each.dimension ? `&by=${encodeURIComponent(each.dimension)}` : ""}`}>See the metric</Link>
        </>
      }
      actions={<Direction each={each} />}
      foot={<AsOf exact={isExact} note={<span className="quiet tiny">{isSpell(each) ? `compared with the same weekdays of ${WEEKS} weeks before` : `the same weekdays of ${WEEKS} weeks before are marked`}</span>} />}
    >
      <div className="stack">
        {drawn ? <Chart title={`${each.label} around ${each.day}`} of={drawn} height={280} onMark={() => show(each.dimension ? each : undefined)} /> : <Skeleton height={280} />}
        <h3>What accounts for it</h3>
        {each.drivers.length ? (
          <ol className="measures-drivers">
            {each.drivers.map((driver) => (
              <li key={`${driver.dimension} ${driver.group}`}>
                <div className="row apart">
                  <span>
                    <span className="quiet">{driver.dimension}</span> <strong>{driver.group === "-" ? "not known" : driver.group}</strong>
                  </span>
                  <span className="figures">{f.share(driver.explains, 0)} of the difference</span>
                </div>
                <meter min={0} max={1} value={Math.max(0, Math.min(1, driver.explains))} aria-label={`${driver.group}: ${f.share(driver.explains, 0)} of the difference`} />
                <div className="row apart quiet small">
                  <span>
                    {said(driver.value)}, usually {said(driver.expected)}
                  </span>
                  {may("see_people") && driver.value > 0 && (
                    <button type="button" className="link-button" onClick={() => show(driver)}>
                      Who they are
                    </button>
                  )}
                </div>
              </li>
            ))}
          </ol>
        ) : (
          <p className="quiet">{isFirst ? "Groups are looked at with the exact figures." : "No group alone accounts for it: the metric is a share, or every group went along."}</p>
        )}
      </div>
    </Panel>
  );
}

function shifted(day: string, by: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + by * DAY_MS).toISOString().slice(0, 10);
}

/** The days around it: the eight weeks before that it is compared with, and a week after; of its group where it has one. */
function useAround(each: SeenAnomaly) {
  const by = each.dimension ? { by: each.dimension } : {};
  const found = useAsk("GET /api/v1/metrics/{name}", { path: { name: each.metric }, query: { every: "day", since: shifted(each.day, -7 * WEEKS), until: shifted(each.last_day, 8), ...by } }, { retry: false });
  const days = useMemo(() => {
    if (!found.data) return null;
    const group = each.group === "-" ? null : each.group;
    const mine = each.dimension ? found.data.cells.filter((cell) => cell.groups[0] === group) : found.data.cells;
    const known = new Map(mine.map((cell) => [cell.step ?? "", amount(cell.value)]));
    if (!each.dimension) return [...known].map(([day, value]) => ({ day, value }));
    // A group has no cell on days without it: those are what it is about.
    const last = [shifted(each.last_day, 7), found.data.until.slice(0, 10)].sort()[0]!;
    const all: { day: string; value: number | null }[] = [];
    for (let day = shifted(each.day, -7 * WEEKS); day <= last; day = shifted(day, 1)) all.push({ day, value: known.get(day) ?? 0 });
    return all;
  }, [found.data, each]);
  return days;
}

function drawnDay(each: SeenAnomaly, cells: readonly { day: string; value: number | null }[], said: (value: number | null) => string): Drawn {
  const weekday = new Date(`${each.day}T12:00:00Z`).getUTCDay();
  const isOdd = (day: string) => day >= each.day && day <= each.last_day;
  // Of several days the sum is compared: single days have no usual value of their own to mark.
  const isSame = (day: string) => !isSpell(each) && new Date(`${day}T12:00:00Z`).getUTCDay() === weekday && day < each.day;
  const point = (cell: { day: string; value: number | null }, paint: Paint) => {
    if (isOdd(cell.day)) return { symbolSize: 12, symbol: "diamond", itemStyle: { color: each.good === false ? paint.bad : each.good ? paint.good : paint.accent } };
    return isSame(cell.day) ? { symbolSize: 8, itemStyle: { color: paint.ink2 } } : { symbolSize: 0.1 };
  };
  return {
    twin: { head: ["Day", each.label, ""], rows: cells.map((cell) => ({ cells: [cell.day, cell.value, isOdd(cell.day) ? "out of the ordinary" : isSame(cell.day) ? "compared with" : ""] })) },
    option: (paint) => ({
      grid: { left: 4, right: 12, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { trigger: "axis", valueFormatter: (value: unknown) => said(value as number | null) },
      xAxis: { type: "category", data: cells.map((cell) => cell.day), axisTick: { show: false }, axisLine: { lineStyle: { color: paint.line } }, axisLabel: { color: paint.ink3, hideOverlap: true } },
      yAxis: { type: "value", splitNumber: 4, axisLabel: { color: paint.ink3, formatter: (value: number) => said(value) }, splitLine: { lineStyle: { color: paint.line } } },
      series: [
        {
          type: "line",
          name: each.label,
          showSymbol: true,
          showAllSymbol: true,
          symbol: "circle",
          lineStyle: { width: 1.5, color: paint.against },
          data: cells.map((cell) => ({ value: cell.value, mark: isOdd(cell.day) ? {} : null, ...point(cell, paint) })),
          ...(isSpell(each) ? {} : { markLine: { silent: true, symbol: "none", label: { formatter: "usual", position: "insideStartTop", color: paint.ink3 }, lineStyle: { color: paint.ink3, type: "dashed" }, data: [{ yAxis: each.expected }] } }),
        },
      ],
    }),
  };
}
