import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask, useAsk } from "../../api/client";
import { useCounters } from "../../api/changes";
import { AsOf, ButtonLink, Empty, Live, Panel, useFormat, usePeople } from "../../parts";

/** Steps that shops have, by the names that the collectors of events use. */
const USUAL = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"];
const HOURS = 24;
const AGAIN_MS = 10_000;
const MINUTE_MS = 60_000;

/** How far the people of the last hours came, while it happens. */
export function LiveFunnel() {
  const f = useFormat();
  const show = usePeople();
  const { isLive } = useCounters();
  const words = useAsk("GET /api/v1/vocabulary", {}, { staleTime: 300_000 });
  const steps = useMemo(() => stepsOf(words.data?.events ?? []), [words.data]);
  // The same minute asks the same question.
  const since = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - HOURS * 60 * MINUTE_MS).toISOString();
  const query = { steps: JSON.stringify(steps), within: `${HOURS}h`, since };
  const found = useAsk("GET /api/v1/funnel", { query }, { enabled: steps.length > 1, placeholderData: keepPreviousData, refetchInterval: AGAIN_MS });
  if (words.data && steps.length < 2) return null;
  const first = found.data?.steps[0]?.customers ?? 0;
  return (
    <Panel
      title="From look to order, now"
      words={`Who began in the last ${HOURS} hours, step by step within a day.`}
      actions={isLive && <Live />}
      of={found}
      height={220}
      foot={
        <>
          <AsOf at={found.data?.until} exact={found.data?.rounded ? null : true} note={found.data?.rounded ? "rounded" : null} />
          <span className="grow" />
          <ButtonLink small kind="quiet" to={`/funnels?${new URLSearchParams(steps.map((step) => ["steps", step])).toString()}`}>
            Open the funnel
          </ButtonLink>
        </>
      }
    >
      {found.data && first === 0 ? (
        <Empty icon="funnel" title={`Nobody came in the last ${HOURS} hours`} command="habitue keys create --scope collect --source site">
          Events that arrive show here within a second.
        </Empty>
      ) : (
        <ol className="steps">
          {found.data?.steps.map((step, place) => (
            <li key={step.step}>
              <button
                type="button"
                className="step"
                onClick={() =>
                  show({
                    title: `${step.step}, last ${HOURS} hours`,
                    count: step.customers,
                    filters: { step: step.step },
                    fetch: ({ cursor, limit, soon, signal }) => ask("GET /api/v1/funnel/people", { query: { ...query, step: place + 1, limit, ...(soon ? { soon } : {}), ...(cursor ? { cursor } : {}) } }, signal),
                  })
                }
              >
                <span className="step-name">{step.step}</span>
                <span className="step-bar">
                  <span style={{ width: `${Math.max(0.5, (step.of_first ?? 0) * 100)}%` }} />
                </span>
                <span className="step-count figures">{step.hidden ? "few" : f.number(step.customers)}</span>
                <span className="step-share figures quiet">{place ? f.share(step.of_before, 0) : ""}</span>
                <span className="unseen">{place ? "of those before" : "began"}; show them</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function stepsOf(events: readonly { name: string; times: number | null }[]): string[] {
  const has = new Set(events.map((each) => each.name));
  const usual = USUAL.filter((name) => has.has(name));
  if (usual.length > 1) return usual;
  return [...events]
    .filter((each) => each.name !== "Session")
    .sort((one, other) => (other.times ?? 0) - (one.times ?? 0))
    .slice(0, 3)
    .map((each) => each.name);
}
