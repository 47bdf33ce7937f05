import { useMemo } from "react";
import { askLoosely } from "../../api/client";
import type { SeenTile } from "../../api/types.gen";
import { Link } from "../../app/router";
import { useMay } from "../../app/session";
import { Chart, DataTable, Delta, Icon, Menu, Button, Spark, Tooltip, useFormat, usePeople, useSay, type Unit } from "../../parts";
import { FunnelSteps } from "../measures/FunnelSteps";
import { amount, breakdown, cohortHeat, cohortLabel, funnelBars, groupLabel, heatOf, markOf, trend, type CohortMark, type StepMark, type ValueMark } from "../measures/draw";
import { behindMark, ruleOfMark } from "../measures/marks";
import { groupRule, limitTo } from "../measures/only";

interface ShownProps {
  tile: SeenTile;
  asked: { since?: string; until?: string; of?: string };
  height: number;
}

const HEAD = 62;

/** What a tile shows. */
export function Shown({ tile, asked, height }: ShownProps) {
  const f = useFormat();
  const room = Math.max(90, height - HEAD);
  const to = moreOf(tile, asked.of);
  return (
    <>
      <header className="dashboards-head">
        <h2>{to ? <Link to={to}>{tile.label || tile.tile}</Link> : tile.label}</h2>
        {tile.measure && (
          <Tooltip text={tile.measure.metric.description}>
            <button type="button" className="figure-help" aria-label={`${tile.label}: ${tile.measure.metric.description}`}>
              <Icon name="help" size={14} />
            </button>
          </Tooltip>
        )}
      </header>
      {tile.trouble ? <Trouble tile={tile} /> : <Inside tile={tile} asked={asked} room={room} />}
      {tile.kind !== "text" && tile.kind !== "segments" && (
        <p className="dashboards-when quiet tiny">
          {f.date(tile.since)} – {f.date(tile.until)}
          {tile.measure?.rounded && " · rounded"}
        </p>
      )}
    </>
  );
}

function Trouble({ tile }: { tile: SeenTile }) {
  return (
    <div className="problem problem-small" role="alert">
      <Icon name="alert" />
      <div>
        <p>{tile.trouble?.what}</p>
        <p className="quiet small">{tile.trouble?.do}</p>
      </div>
    </div>
  );
}

/** Where more of it is. */
function moreOf(tile: SeenTile, of: string | undefined): string | null {
  const query = new URLSearchParams(of ? { of } : {});
  if (tile.measure && tile.kind === "metric") {
    query.set("since", tile.since.slice(0, 10));
    if (tile.by) query.set("by", tile.by);
    if (tile.chart !== "number" && tile.every) query.set("every", tile.every);
    return `/measures/${encodeURIComponent(tile.name)}?${query}`;
  }
  if (tile.kind === "funnel") {
    for (const each of tile.steps) query.append("step", each);
    query.set("within", tile.within);
    return `/funnels?${query}`;
  }
  return { cohorts: `/cohorts?${query}`, segments: "/segments" }[tile.kind] ?? null;
}

function Inside({ tile, asked, room }: { tile: SeenTile; asked: ShownProps["asked"]; room: number }) {
  if (tile.kind === "text") return <p className="dashboards-text">{tile.text}</p>;
  if (tile.funnel) return <FunnelIn tile={tile} of={asked.of} room={room} />;
  if (tile.cohorts) return <CohortsIn tile={tile} of={asked.of} room={room} />;
  if (tile.kind === "segments") return <Sizes tile={tile} />;
  if (!tile.measure) return null;
  return tile.chart === "number" ? <NumberIn tile={tile} /> : <MetricIn tile={tile} of={asked.of} room={room} />;
}

function NumberIn({ tile }: { tile: SeenTile }) {
  const f = useFormat();
  const found = tile.measure;
  if (!found) return null;
  const said = (value: number | string | null) => f.valueCompact(value, found.metric.unit as Unit, found.metric.currency);
  return (
    <>
      <div className="figure-value figures">
        <span>{found.whole.hidden ? "fewer than 10" : said(found.whole.value)}</span>
        <Delta change={found.whole.change} good={found.metric.good} before={said(found.whole.before)} />
      </div>
      <Spark values={found.cells.map((each) => amount(each.value))} against={found.cells.map((each) => amount(each.before))} />
    </>
  );
}

type Query = Record<string, string | number | boolean | undefined>;

/** What a click does: shows the people, or limits every tile to them. */
function useMarks(asked: `GET /api/v1/${string}`, path: Query) {
  const people = usePeople();
  const may = useMay();
  const say = useSay();
  return {
    show: (query: Query, title: string, count: number | null) => {
      if (may("see_people")) people(behindMark(asked, query, { title, count }, path));
    },
    only: async (query: Query, plain: string | null) => {
      if (plain) return limitTo(plain);
      try {
        const said = await ruleOfMark(asked, query, path);
        if (said?.rule) limitTo(said.rule);
        else say(said?.why_not || "No rule selects these people", "bad");
      } catch (error) {
        say(error instanceof Error ? error.message : "No rule selects these people", "bad");
      }
    },
  };
}

function MetricIn({ tile, of, room }: { tile: SeenTile; of: string | undefined; room: number }) {
  const f = useFormat();
  const found = tile.measure;
  const { show, only } = useMarks("GET /api/v1/metrics/{name}/people", { name: tile.name });
  const drawn = useMemo(() => {
    if (!found) return null;
    if (tile.chart === "heatmap") return heatOf(found, f);
    return tile.every ? trend(found, f, { stacked: tile.chart === "bars" }) : breakdown(found, f);
  }, [found, tile.chart, tile.every, f]);
  if (!found || !drawn) return null;
  const query = (mark: ValueMark): Query => ({
    since: tile.since,
    ...(tile.by ? { by: tile.by, groups: JSON.stringify(mark.groups) } : {}),
    ...(mark.step ? { every: tile.every, step: mark.step } : {}),
    ...(of ? { of } : {}),
  });
  const title = (mark: ValueMark) => [tile.label, groupLabel(mark.groups), mark.step ?? ""].filter(Boolean).join(" · ");
  const click = (mark: ValueMark) => {
    // A group limits the others; a moment shows who it was.
    if (tile.by && !mark.step) void only(query(mark), groupRule(tile.by, mark.groups[0] ?? null));
    else show(query(mark), title(mark), mark.customers);
  };
  if (tile.chart === "table") {
    return (
      <DataTable
        caption={tile.label}
        rows={found.cells}
        rowKey={(row) => `${row.step} ${JSON.stringify(row.groups)}`}
        maxHeight={room}
        onRow={(row) => click(markOf(row))}
        columns={[
          ...(tile.every ? [{ key: "step", header: tile.every, value: (row: (typeof found.cells)[number]) => row.step }] : []),
          ...(tile.by ? [{ key: "group", header: tile.by, value: (row: (typeof found.cells)[number]) => groupLabel(row.groups) }] : []),
          { key: "value", header: found.metric.label, number: true, value: (row) => amount(row.value), cell: (row) => f.value(row.value, found.metric.unit as Unit, found.metric.currency) },
        ]}
      />
    );
  }
  return <Chart title={tile.label} of={drawn} height={room} onMark={click} markLabel={tile.by && !tile.every ? "Only these" : "People"} />;
}

function FunnelIn({ tile, of, room }: { tile: SeenTile; of: string | undefined; room: number }) {
  const f = useFormat();
  const { show, only } = useMarks("GET /api/v1/funnel/people", {});
  const drawn = useMemo(() => tile.funnel && funnelBars(tile.funnel, f), [tile.funnel, f]);
  if (!tile.funnel || !drawn) return null;
  const query = (mark: StepMark): Query => ({
    steps: JSON.stringify(tile.steps),
    within: tile.within,
    order: tile.funnel?.order,
    since: tile.since,
    step: mark.step,
    dropped: mark.dropped,
    ...(mark.isPart ? { by: tile.by, ...(mark.value === null ? {} : { value: mark.value }) } : {}),
    ...(of ? { of } : {}),
  });
  const step = (mark: StepMark) => `${mark.dropped ? "Did not go on to" : "Went on to"} “${tile.steps[mark.step - 1] ?? ""}”`;
  const tall = room > 380;
  return (
    <>
      <Chart title={tile.label} of={drawn} height={tall ? room - 190 : room} onMark={(mark: StepMark) => show(query(mark), step(mark), mark.count)} />
      {tall && <FunnelSteps found={tile.funnel} onMark={(mark) => void only(query(mark), null)} />}
    </>
  );
}

function CohortsIn({ tile, of, room }: { tile: SeenTile; of: string | undefined; room: number }) {
  const f = useFormat();
  const { show } = useMarks("GET /api/v1/cohorts/people", {});
  const drawn = useMemo(() => tile.cohorts && cohortHeat(tile.cohorts, f, tile.cohorts.revenue ? "revenue" : "share"), [tile.cohorts, f]);
  const found = tile.cohorts;
  if (!found || !drawn) return null;
  const click = (mark: CohortMark) => {
    const query = { event: found.event, again: found.again, every: found.every, since: tile.since, start: mark.start, ...(mark.later === null ? {} : { later: mark.later }), ...(of ? { of } : {}) };
    show(query, `First in ${cohortLabel(mark.start, found.every, f)}, again ${mark.later ?? 0} ${found.every}s later`, mark.count);
  };
  return <Chart title={tile.label} of={drawn} height={Math.max(room, 40 + found.cohorts.length * 24)} onMark={click} />;
}

function Sizes({ tile }: { tile: SeenTile }) {
  const f = useFormat();
  const most = Math.max(1, ...tile.sizes.map((each) => each.customers ?? 0));
  const people = usePeople();
  const may = useMay();
  return (
    <ul className="dashboards-sizes">
      {tile.sizes.map((each) => (
        <li key={each.name}>
          <div className="row apart">
            <Link to={`/segments/${encodeURIComponent(each.name)}`}>{each.label || each.name}</Link>
            <span className="row">
              {may("see_people") && each.customers ? (
                <button type="button" className="link-button figures" onClick={() => people({ title: each.label || each.name, count: each.customers, rule: `segment.${each.name}`, fetch: ({ cursor, limit, signal }) => askLoosely("GET /api/v1/segments/{name}/members", { path: { name: each.name }, query: { limit, ...(cursor ? { cursor } : {}) } }, signal) })}>
                  {f.number(each.customers)}
                </button>
              ) : (
                <span className="figures">{each.hidden ? "<10" : f.number(each.customers)}</span>
              )}
              <Menu items={[{ label: "Only these in every tile", icon: "filter", onSelect: () => limitTo(`segment.${each.name}`) }]}>
                <Button small kind="quiet" icon="more" className="icon-button" aria-label={`More about ${each.label || each.name}`} />
              </Menu>
            </span>
          </div>
          <meter min={0} max={most} value={each.customers ?? 0} aria-label={each.label || each.name} />
        </li>
      ))}
    </ul>
  );
}
