/** What somebody did: how often, and when. */

import { useMemo } from "react";
import type { CustomerPage } from "../../api/types.gen";
import { navigate } from "../../app/router";
import { Chart, Empty, Panel, bars, useFormat } from "../../parts";

const WEEK_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;
const MOST_WEEKS = 104;

interface Week {
  start: string;
  end: string;
  events: number;
}

export function Activity({ known }: { known: CustomerPage }) {
  const f = useFormat();
  const weeks = useMemo(() => byWeek(known.days), [known.days]);
  const own = `/customers/${encodeURIComponent(known.customer)}`;
  const drawn = useMemo(
    () =>
      bars({
        axis: "Week of",
        labels: weeks.map((week) => f.date(week.start)),
        series: [{ name: "Events", values: weeks.map((week) => week.events) }],
        format: (value) => f.number(value),
        mark: (_, place) => weeks[place],
      }),
    [weeks, f],
  );
  return (
    <Panel title="What they did" words="A click on a week shows it.">
      {weeks.length ? (
        <>
          <Chart
            title="Events a week"
            of={drawn}
            height={180}
            markLabel="Show"
            onMark={(week: Week) => navigate(`${own}?tab=timeline&since=${week.start}&until=${week.end}`)}
          />
          <ul className="event-counts">
            {known.events.map((each) => (
              <li key={each.event}>
                <a
                  href={`${own}?tab=timeline&event=${encodeURIComponent(each.event)}`}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey) return;
                    event.preventDefault();
                    navigate(`${own}?tab=timeline&event=${encodeURIComponent(each.event)}`);
                  }}
                >
                  {each.event}
                </a>
                <span className="figures">{f.number(each.times)}</span>
                <span className="quiet tiny">last {f.date(each.last_at)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Empty icon="clock" title="Nothing has happened yet">
          No event of theirs has come in.
        </Empty>
      )}
    </Panel>
  );
}

/** Weeks from Monday, without gaps, the last two years at most. */
function byWeek(days: readonly { day: string; events: number }[]): Week[] {
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return [];
  const monday = (day: string) => {
    const at = new Date(`${day}T00:00:00Z`);
    return at.getTime() - ((at.getUTCDay() + 6) % 7) * DAY_MS;
  };
  const end = monday(last.day);
  const start = Math.max(monday(first.day), end - (MOST_WEEKS - 1) * WEEK_MS);
  const found: Week[] = [];
  for (let at = start; at <= end; at += WEEK_MS) {
    found.push({ start: new Date(at).toISOString().slice(0, 10), end: new Date(at + WEEK_MS).toISOString().slice(0, 10), events: 0 });
  }
  for (const { day, events } of days) {
    const week = found[(monday(day) - start) / WEEK_MS];
    if (week) week.events += events;
  }
  return found;
}
