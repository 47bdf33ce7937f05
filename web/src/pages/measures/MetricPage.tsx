import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { useAsk } from "../../api/client";
import type { MetricEntry, SeenCell, SeenMeasure } from "../../api/types.gen";
import { navigate, useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, asCurl, Button, Chart, Choice, Combobox, Copy, DataTable, Delta, Empty, Figure, Page, Panel, usePeople, useFormat, type Column, type Unit } from "../../parts";
import { AboutBar, aboutQuery, aboutWords, useAbout, useMetrics, type About } from "./asked";
import { amount, breakdown, groupLabel, markOf, trend, type ValueMark } from "./draw";
import { useOnly } from "./only";
import { behindMark } from "./marks";

const EVERY = [
  { value: "day", label: "Day" },
  { value: "week", label: "Week" },
  { value: "month", label: "Month" },
];

/** One metric: over time, by group, and what it means. */
export function MetricPage({ name }: { name: string }) {
  const [about, setAbout] = useAbout(90);
  const [state, set] = useUrlState({ every: "", by: "" });
  const isStanding = useMetrics().data?.find((each) => each.metric === name)?.standing ?? name.startsWith("segment.");
  const every = state.every || (about.days > 190 || (isStanding && about.days > 60) ? "month" : about.days > 60 || isStanding ? "week" : "day");
  const shared = aboutQuery(about);
  const kept = { placeholderData: keepPreviousData };
  const over = useAsk("GET /api/v1/metrics/{name}", { path: { name }, query: { ...shared, every } }, kept);
  const parts = useAsk("GET /api/v1/metrics/{name}", { path: { name }, query: { ...shared, by: state.by, limit: 30 } }, { ...kept, enabled: Boolean(state.by) });
  const f = useFormat();
  const entry = over.data?.metric;
  const show = useValuePeople(name, about);
  const drawn = useMemo(() => over.data && trend(over.data, f), [over.data, f]);
  return (
    <Page
      title={entry?.label ?? name}
      words={entry?.description}
      from={[{ to: "/measures", label: "Metrics" }]}
      actions={entry && <CopyMetric name={name} query={{ ...shared, every, by: state.by }} />}
    >
      <div className="row apart">
        <AboutBar about={about} onChange={setAbout} />
        <MetricChoice name={name} />
      </div>
      {over.data && <Headline found={over.data} onPeople={() => show({ ...markOf(over.data.whole), groups: [] }, "")} />}
      <Panel
        title="Over time"
        words="Against the period before, dashed. A click on a point gives the people behind it."
        of={over}
        height={300}
        actions={<Choice label="Steps" value={every} of={EVERY} onChange={(next) => set({ every: next })} />}
        foot={over.data && <Known found={over.data} />}
      >
        {drawn && over.data && <Chart title={`${over.data.metric.label} over time`} of={drawn} height={300} onMark={(mark: ValueMark) => show(mark, "", every)} />}
      </Panel>
      <Panel title="By group" {...(state.by ? { of: parts } : {})} height={240} actions={<ByChoice entry={entry} by={state.by} onChange={(by) => set({ by })} />} foot={parts.data && state.by && <Known found={parts.data} />}>
        {state.by ? parts.data && <Parts found={parts.data} about={about} name={name} onMark={(mark) => show(mark, state.by)} /> : <Empty title="Choose what to part it by" icon="filter">A property of the event, a trait, a segment: whatever {entry?.label.toLowerCase() ?? "the metric"} can be parted by.</Empty>}
      </Panel>
      {entry && <Definition entry={entry} />}
    </Page>
  );
}

/** Opens the people behind a value of a metric. */
export function useValuePeople(name: string, about: About) {
  const people = usePeople();
  const may = useMay();
  return (mark: ValueMark, by: string, every = "") => {
    if (!may("see_people")) return;
    const groups = by ? { by, groups: JSON.stringify(mark.groups) } : {};
    const step = mark.step && every ? { every, step: mark.step } : {};
    people(
      behindMark("GET /api/v1/metrics/{name}/people", { ...aboutQuery(about), ...groups, ...step }, {
        title: [name.replaceAll("_", " "), by ? groupLabel(mark.groups) : "", mark.step ?? ""].filter(Boolean).join(" · "),
        count: mark.customers,
        filters: { Metric: name, ...(by ? { [by]: groupLabel(mark.groups) } : {}), ...(mark.step ? { [every]: mark.step } : {}), ...aboutWords(about) },
      }, { name }),
    );
  };
}

function Headline({ found, onPeople }: { found: SeenMeasure; onPeople: () => void }) {
  const f = useFormat();
  const noun = useNoun();
  const may = useMay();
  const { metric, whole } = found;
  const said = (value: number | string | null) => f.value(value, metric.unit as Unit, metric.currency);
  return (
    <div className="figures-row">
      <Figure label="In this time" value={whole.hidden ? "fewer than 10" : said(whole.value)} delta={<Delta change={whole.change} good={metric.good} before={said(whole.before)} />} words={`${f.date(found.since)} – ${f.date(found.until)}`} />
      <Figure label="In the period before" value={said(whole.before)} words={`${f.date(found.before_since)} – ${f.date(found.before_until)}`} />
      <Figure
        label={`${noun.Many} behind it`}
        value={f.number(whole.customers)}
        words={
          may("see_people") && whole.customers ? (
            <button type="button" className="link-button" onClick={onPeople}>
              Who they are
            </button>
          ) : (
            "counted once each"
          )
        }
      />
    </div>
  );
}

function Known({ found }: { found: SeenMeasure }) {
  const f = useFormat();
  const notes = [found.withheld ? `${f.number(found.withheld)} groups of few are withheld` : "", found.more ? `${f.number(found.more)} more groups` : ""].filter(Boolean).join(" · ");
  return <AsOf at={found.until} exact={!found.rounded} note={notes && <span className="quiet tiny">{notes}</span>} />;
}

function Parts({ found, about, name, onMark }: { found: SeenMeasure; about: About; name: string; onMark: (mark: ValueMark) => void }) {
  const f = useFormat();
  const drawn = useMemo(() => breakdown(found, f), [found, f]);
  const columns = usePartColumns(found, about, name, onMark);
  if (!found.cells.length) return <Empty title="Nothing happened in this time" icon="info" />;
  return (
    <div className="stack">
      <Chart title={`${found.metric.label} by ${found.by.join(", ")}`} of={drawn} height={Math.min(560, 60 + found.cells.length * 30)} onMark={onMark} />
      <DataTable caption={`${found.metric.label} by ${found.by.join(", ")}`} columns={columns} rows={found.cells} rowKey={(cell) => JSON.stringify(cell.groups)} sort="-value" />
    </div>
  );
}

function usePartColumns(found: SeenMeasure, about: About, name: string, onMark: (mark: ValueMark) => void): Column<SeenCell>[] {
  const f = useFormat();
  const noun = useNoun();
  const may = useMay();
  const only = useOnly();
  const { metric } = found;
  return useMemo(() => {
    const said = (value: number | string | null) => f.value(value, metric.unit as Unit, metric.currency);
    const by = found.by[0] ?? "";
    return [
      { key: "group", header: found.by.join(" · "), value: (cell) => groupLabel(cell.groups) },
      { key: "value", header: metric.label, number: true, value: (cell) => amount(cell.value), cell: (cell) => (cell.hidden ? "<10" : said(cell.value)) },
      { key: "before", header: "Before", number: true, minor: true, value: (cell) => amount(cell.before), cell: (cell) => said(cell.before) },
      { key: "change", header: "Change", number: true, value: (cell) => cell.change, cell: (cell) => <Delta change={cell.change} good={metric.good} before={said(cell.before)} /> },
      {
        key: "customers",
        header: noun.Many,
        number: true,
        value: (cell) => cell.customers,
        cell: (cell) =>
          may("see_people") && cell.customers ? (
            <button type="button" className="link-button" onClick={() => onMark(markOf(cell))}>
              {f.number(cell.customers)}
            </button>
          ) : (
            f.number(cell.customers)
          ),
      },
      {
        key: "only",
        header: "",
        cell: (cell) => (
          <Button small kind="quiet" icon="filter" onClick={() => void only(by, cell.groups[0] ?? null, { name, query: { ...aboutQuery(about), by, groups: JSON.stringify(cell.groups) } })}>
            Only these
          </Button>
        ),
      },
    ];
  }, [found, f, metric, noun.Many, may, only, onMark, name, about]);
}

function ByChoice({ entry, by, onChange }: { entry: MetricEntry | undefined; by: string; onChange: (by: string) => void }) {
  const options = [{ value: "", label: "Nothing" }, ...(entry?.dimensions ?? []).map((each) => ({ value: each, label: each }))];
  return (
    <div className="measures-by">
      <Combobox label="Part it by" value={by} options={options} onChange={onChange} placeholder="Part it by …" />
    </div>
  );
}

function MetricChoice({ name }: { name: string }) {
  const list = useMetrics();
  const options = (list.data ?? []).map((each) => ({ value: each.metric, label: each.label, hint: each.metric }));
  return (
    <div className="measures-by">
      <Combobox label="Metric" value={name} options={options} onChange={(next) => next && navigate(`/measures/${encodeURIComponent(next)}${window.location.search}`)} />
    </div>
  );
}

function Definition({ entry }: { entry: MetricEntry }) {
  const good = { up: "to go up", down: "to go down" }[entry.good as string];
  const facts: [string, string][] = [
    ["Name", entry.metric],
    ["Means", entry.description || "–"],
    ["Owner", entry.owner || (entry.shipped ? "comes with Habitue" : "nobody is named")],
    ["Counted in", entry.currency ? `${entry.unit}, ${entry.currency}` : entry.unit],
    ["Wished", good ?? "neither way"],
    ["For", entry.purpose || "no purpose: everybody counts, but restricted people"],
  ];
  return (
    <Panel title="Definition">
      <dl className="measures-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function CopyMetric({ name, query }: { name: string; query: Record<string, string | number | undefined> }) {
  const options = [query["by"] && `--by ${query["by"]}`, query["every"] && `--every ${query["every"]}`, query["since"] && `--since ${query["since"]}`, query["until"] && `--until ${query["until"]}`, query["of"] && `--of "${query["of"]}"`];
  return (
    <Copy
      as={[
        { label: "Command", text: ["habitue measure", name, ...options].filter(Boolean).join(" ") },
        { label: "curl", text: asCurl("GET /api/v1/metrics/{name}", { path: { name }, query }) },
      ]}
    />
  );
}
