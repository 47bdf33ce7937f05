import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask, type ProblemError } from "../../api/client";
import type { MetricEntry, SeenMeasure } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { ButtonLink, Delta, Empty, Figure, Input, Page, Problem, Skeleton, Spark, useFormat, type Unit } from "../../parts";
import { AboutBar, aboutQuery, useAbout, useMetrics } from "./asked";
import { amount } from "./draw";

const BATCH = 4;

/** Every metric with its value, trend and change. */
export function Catalogue() {
  const list = useMetrics();
  const [about, setAbout] = useAbout(30);
  const [{ find }, setFind] = useUrlState({ find: "" });
  const wanted = find.trim().toLowerCase();
  const shown = useMemo(() => (list.data ?? []).filter((each) => `${each.label} ${each.metric} ${each.description} ${each.owner}`.toLowerCase().includes(wanted)), [list.data, wanted]);
  const values = useValues(list.data ?? [], aboutQuery(about), about.days > 95 ? "week" : "day");
  const link = new URLSearchParams(Object.entries(aboutQuery(about)).map(([name, value]) => [name, String(value)])).toString();
  return (
    <Page
      title="Metrics"
      words="Figures about everybody, each with its definition. Declare your own in metrics/*.yaml."
      actions={
        <ButtonLink to="/dashboards" icon="dashboard">
          Dashboards
        </ButtonLink>
      }
    >
      <div className="row apart">
        <AboutBar about={about} onChange={setAbout} />
        <Input icon="search" placeholder="Find a metric" aria-label="Find a metric" value={find} onChange={(next) => setFind({ find: next })} />
      </div>
      {list.error && <Problem error={list.error} onAgain={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={320} />}
      {list.data && !shown.length && (
        <Empty title={find ? "No metric has this in its words" : "No metric fits yet"} command="habitue measure" icon="line">
          {find ? "Look for other words." : "There are no orders, mails or visits yet; declare your own under metrics/."}
        </Empty>
      )}
      <div className="figures-row measures-catalogue">
        {shown.map((entry) => (
          <Value key={entry.metric} entry={entry} found={values.get(entry.metric)} link={link} />
        ))}
      </div>
    </Page>
  );
}

type Found = { data: SeenMeasure | undefined; error: ProblemError | null };

/** The metrics reckoned, a few in each request, so that the first show soon. */
function useValues(list: readonly MetricEntry[], about: object, every: string): Map<string, Found> {
  const batches = useMemo(() => {
    // How things stand is asked of everybody at each step: those metrics are reckoned without steps, by themselves.
    const parts = [list.filter((each) => !each.standing), list.filter((each) => each.standing)];
    return parts.flatMap((part) => Array.from({ length: Math.ceil(part.length / BATCH) }, (_, place) => part.slice(place * BATCH, (place + 1) * BATCH)));
  }, [list]);
  const found = useQueries({
    queries: batches.map((batch) => {
      const query = { ...about, ...(batch.some((each) => each.standing) ? {} : { every }), metrics: batch.map((each) => each.metric).join(",") };
      return {
        queryKey: ["GET /api/v1/measures", query],
        queryFn: ({ signal }: { signal: AbortSignal }) => ask("GET /api/v1/measures", { query }, signal),
        placeholderData: keepPreviousData,
      };
    }),
  });
  return new Map(batches.flatMap((batch, place) => batch.map((each, at): [string, Found] => [each.metric, { data: found[place]?.data?.[at], error: found[place]?.error as ProblemError | null }])));
}

function Value({ entry, found, link }: { entry: MetricEntry; found: Found | undefined; link: string }) {
  const f = useFormat();
  const measure = found?.data?.metric.metric === entry.metric ? found.data : undefined;
  const said = (value: number | string | null) => f.valueCompact(value, entry.unit as Unit, entry.currency);
  return (
    <Figure
      label={entry.label}
      to={`/measures/${encodeURIComponent(entry.metric)}${link ? `?${link}` : ""}`}
      definition={entry.description}
      value={measure ? (measure.whole.hidden ? "fewer than 10" : said(measure.whole.value)) : found?.error ? "–" : "…"}
      delta={measure && <Delta change={measure.whole.change} good={entry.good} before={said(measure.whole.before)} />}
      words={entry.owner || (entry.shipped ? "comes with Habitue" : "declared in metrics/")}
    >
      {measure && <Spark values={measure.cells.map((each) => amount(each.value))} against={measure.cells.map((each) => amount(each.before))} />}
    </Figure>
  );
}
