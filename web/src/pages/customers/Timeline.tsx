/** Everything that somebody did, the newest first; any dates, any events. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask, useAsk, type Answer, type ProblemError } from "../../api/client";
import type { CustomerPage, TimelineEvent } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { Button, Chips, Empty, Field, Input, Panel, Problem, Skeleton, useFormat, type Chip } from "../../parts";
import { looseText } from "./Value";

const PAGE = 100;
type Page = Answer<"GET /api/v1/customers/{id}/timeline">;

export function useTimeline(customer: string, asked: { since?: string; until?: string; events?: readonly string[] }) {
  const query = { since: asked.since || undefined, until: asked.until || undefined, events: asked.events?.length ? JSON.stringify(asked.events) : undefined, limit: PAGE };
  return useInfiniteQuery<Page, ProblemError>({
    queryKey: ["timeline", customer, query],
    queryFn: ({ pageParam, signal }) => ask("GET /api/v1/customers/{id}/timeline", { path: { id: customer }, query: { ...query, cursor: pageParam as string | undefined } }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
}

export function TimelineTab({ known }: { known: CustomerPage }) {
  const f = useFormat();
  const [state, set] = useUrlState({ since: "", until: "", event: [] as string[] });
  const found = useTimeline(known.customer, { since: state.since, until: state.until, events: state.event });
  const events = useMemo(() => found.data?.pages.flatMap((page) => page.events) ?? [], [found.data]);
  const kinds = useKinds();
  const days = useMemo(() => Map.groupBy(events, (each) => f.date(each.occurred_at)), [events, f]);
  const chips: Chip[] = [
    ...(state.since ? [{ key: "since", label: "From", value: f.date(state.since), onRemove: () => set({ since: "" }) }] : []),
    ...(state.until ? [{ key: "until", label: "Before", value: f.date(state.until), onRemove: () => set({ until: "" }) }] : []),
    ...state.event.map((name) => ({ key: name, label: "Event", value: name, onRemove: () => set({ event: state.event.filter((each) => each !== name) }) })),
  ];
  const toggle = (name: string) => set({ event: state.event.includes(name) ? state.event.filter((each) => each !== name) : [...state.event, name] });
  return (
    <div className="side-and-main">
      <Panel title="Which events">
        <div className="stack tight">
          <div className="row dates">
            <Field label="From">{(control) => <Input {...control} type="date" value={state.since} max={state.until || undefined} onChange={(since) => set({ since })} />}</Field>
            <Field label="Before">{(control) => <Input {...control} type="date" value={state.until} min={state.since || undefined} onChange={(until) => set({ until })} />}</Field>
          </div>
          <ul className="event-filter" aria-label="Events" tabIndex={-1}>
            {known.events.map((each) => (
              <li key={each.event}>
                <button type="button" aria-pressed={state.event.includes(each.event)} onClick={() => toggle(each.event)}>
                  <span className="grow">{each.event}</span>
                  <span className="figures quiet">{f.number(each.times)}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      </Panel>
      <Panel title="Timeline">
        <div className="stack">
          <Chips chips={chips} onClear={() => set({ since: "", until: "", event: [] })} />
          {found.error ? (
            <Problem error={found.error} onAgain={() => void found.refetch()} />
          ) : found.isPending ? (
            <Skeleton lines={10} />
          ) : events.length ? (
            [...days].map(([day, each]) => <Day key={day} day={day} events={each} kinds={kinds} />)
          ) : (
            <Empty icon="clock" title={chips.length ? "Nothing happened then" : "Nothing has happened yet"} action={chips.length ? <Button onClick={() => set({ since: "", until: "", event: [] })}>Clear the filters</Button> : undefined} />
          )}
          {found.hasNextPage && (
            <div className="row">
              <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                Show earlier
              </Button>
            </div>
          )}
        </div>
      </Panel>
    </div>
  );
}

type Kinds = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What the properties of each event are, as contracts say. */
function useKinds(): Kinds {
  const { data } = useAsk("GET /api/v1/contracts", {}, { staleTime: 300_000 });
  return useMemo(() => new Map((data ?? []).map((each) => [each.event, new Map(each.columns.map((column) => [column.name, column.kind]))])), [data]);
}

function Day({ day, events, kinds }: { day: string; events: readonly TimelineEvent[]; kinds: Kinds }) {
  return (
    <section className="day" aria-label={day}>
      <h3>{day}</h3>
      <ol>
        {events.map((event) => (
          <Happened key={`${event.event} ${event.event_id} ${event.occurred_at}`} event={event} kinds={kinds.get(event.event)} />
        ))}
      </ol>
    </section>
  );
}

const FIRST = 5;

function Happened({ event, kinds }: { event: TimelineEvent; kinds: ReadonlyMap<string, string> | undefined }) {
  const f = useFormat();
  const facts = Object.entries(event.properties);
  return (
    <li className="happened">
      <time dateTime={event.occurred_at} className="figures quiet tiny">
        {f.clock(event.occurred_at)}
      </time>
      <div className="grow">
        <details>
          <summary>
            <strong>{event.event}</strong>
            <span className="quiet small"> {facts.slice(0, FIRST).map(([name, value]) => `${name.replaceAll("_", " ")} ${looseText(f, name, value, kinds?.get(name))}`).join(" · ")}</span>
          </summary>
          <dl className="facts-list">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name.replaceAll("_", " ")}</dt>
                <dd>{looseText(f, name, value, kinds?.get(name))}</dd>
              </div>
            ))}
            <div>
              <dt>event id</dt>
              <dd className="mono tiny">{event.event_id || f.none}</dd>
            </div>
          </dl>
        </details>
      </div>
    </li>
  );
}
