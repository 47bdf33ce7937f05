import { keepPreviousData, type UseQueryResult } from "@tanstack/react-query";
import { useAsk, type Answer, type ProblemError } from "../../api/client";
import { Delta, Empty, Figure, Problem, Skeleton, Spark, useFormat } from "../../parts";
import type { Period } from "./roles";

export type Measured = Answer<"GET /api/v1/measures">[number];

/** The figures that the project has, of those that a role looks at. */
export function useFigures(wanted: readonly string[], period: Period): UseQueryResult<Measured[], ProblemError> {
  const list = useAsk("GET /api/v1/metrics", {}, { staleTime: 300_000, enabled: wanted.length > 0 });
  const has = new Set(list.data?.map((each) => each.metric));
  const named = wanted.filter((name) => has.has(name));
  const metrics = (named.length ? named : [...has].slice(0, 6)).join(",");
  return useAsk(
    "GET /api/v1/measures",
    { query: { metrics, every: period.every, days: Number(period.value) } },
    { enabled: metrics !== "", placeholderData: keepPreviousData, refetchInterval: 60_000 },
  );
}

export function numberOf(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}

export function KeyFigures({ found, period, chosen, onChoose }: { found: UseQueryResult<Measured[], ProblemError>; period: Period; chosen: string; onChoose: (metric: string) => void }) {
  const f = useFormat();
  if (found.error) return <Problem error={found.error} onAgain={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton height={138} />;
  if (!found.data.length) return <Empty title="Nothing is measured yet" command="habitue measure list" icon="chart" />;
  return (
    <section className="figures-row" aria-label={`Key figures, ${period.label}`} aria-busy={found.isPlaceholderData}>
      {found.data.map(({ metric, whole, cells }) => {
        const said = f.valueCompact(whole.value, metric.unit, metric.currency);
        const before = f.valueCompact(whole.before, metric.unit, metric.currency);
        return (
          <Figure
            key={metric.metric}
            label={metric.label}
            to={`/measures/${encodeURIComponent(metric.metric)}`}
            definition={metric.description}
            value={whole.hidden ? "hidden" : said}
            delta={<Delta change={whole.change} good={metric.good} against={`the ${period.label} before`} before={before} />}
            words={whole.hidden ? "Too few people to show" : `${before} before`}
          >
            <button type="button" className="overview-spark" aria-label={`${metric.label} over time`} aria-pressed={chosen === metric.metric} onClick={() => onChoose(metric.metric)}>
              <Spark values={cells.map((each) => numberOf(each.value))} against={cells.map((each) => numberOf(each.before))} />
            </button>
          </Figure>
        );
      })}
    </section>
  );
}
