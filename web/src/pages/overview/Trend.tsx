import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ProblemError } from "../../api/client";
import { AsOf, ButtonLink, Chart, Empty, lines, Panel, Select, useFormat } from "../../parts";
import { numberOf, type Measured } from "./KeyFigures";
import type { Period } from "./roles";

/** One figure over time, against the period before. */
export function Trend({ found, period, chosen, onChoose }: { found: UseQueryResult<Measured[], ProblemError>; period: Period; chosen: string; onChoose: (metric: string) => void }) {
  const f = useFormat();
  const all = found.data ?? [];
  const shown = all.find((each) => each.metric.metric === chosen) ?? all[0];
  const drawn = useMemo(() => {
    if (!shown) return null;
    const { metric, cells } = shown;
    const say = (value: number | null) => f.value(value, metric.unit, metric.currency);
    return lines({
      labels: cells.map((each) => (period.every === "month" ? f.date(each.step).slice(-8) : f.day(each.step))),
      axis: period.every === "day" ? "Day" : period.every === "week" ? "Week from" : "Month",
      series: [
        { name: metric.label, values: cells.map((each) => numberOf(each.value)), area: true },
        { name: "The period before", values: cells.map((each) => numberOf(each.before)), isAgainst: true },
      ],
      format: say,
      short: (value) => f.valueCompact(value, metric.unit, metric.currency),
    });
  }, [shown, f, period.every]);
  return (
    <Panel
      title={shown ? shown.metric.label : "Over time"}
      words={shown?.metric.description}
      of={found}
      height={300}
      actions={
        all.length > 1 &&
        shown && <Select aria-label="Figure" value={shown.metric.metric} onChange={onChoose} of={all.map((each) => ({ value: each.metric.metric, label: each.metric.label }))} />
      }
      foot={
        shown && (
          <>
            <AsOf at={shown.until} exact={shown.rounded ? null : true} note={shown.rounded ? "rounded, as your role sees figures" : null} />
            <span className="grow" />
            <ButtonLink small kind="quiet" to={`/measures/${encodeURIComponent(shown.metric.metric)}?days=${period.value}`}>
              Break it down
            </ButtonLink>
          </>
        )
      }
    >
      {shown && shown.cells.length > 0 && shown.cells.every((each) => each.hidden) ? (
        <Empty icon="lock" title={`Too few people a ${period.every} to show`}>
          Your role sees no figure of fewer than ten people. A longer period has larger steps.
        </Empty>
      ) : drawn && shown ? <Chart title={shown.metric.label} of={drawn} height={280} /> : <Empty title="Nothing is measured yet" icon="line" />}
    </Panel>
  );
}
