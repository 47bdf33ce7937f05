import { useMemo } from "react";
import { useAsk, type Answer } from "../../api/client";
import { useUrlState } from "../../app/router";
import { useNoun } from "../../app/session";
import { AsOf, bars, Chart, Choice, DataTable, Empty, lines, Panel, useFormat, type Column } from "../../parts";

type Shown = Answer<"GET /api/v1/segments/{name}">;
type Build = Shown["history"][number];

/** How many there were, and who came and went. */
export function HistoryTab({ name, shown }: { name: string; shown: Shown | undefined }) {
  const f = useFormat();
  const noun = useNoun();
  const [state, set] = useUrlState({ days: "30", every: "7" });
  const days = useAsk("GET /api/v1/segments/{name}/days", { path: { name }, query: { days: Number(state.days) } });
  const builds = useMemo(() => shown?.history ?? [], [shown]);
  const sizes = useMemo(
    () => lines({ labels: builds.map((each) => f.time(each.as_of)), axis: "Build", series: [{ name: noun.Many, values: builds.map((each) => each.customers), area: true }], format: (value) => f.number(value), short: (value) => f.compact(value) }),
    [builds, f, noun.Many],
  );
  const past = useAsk("GET /api/v1/segments/{name}/past", { path: { name }, query: { points: 13, every: Number(state.every) } }, { staleTime: 300_000 });
  const grown = useMemo(
    () => past.data && lines({ labels: past.data.points.map((each) => f.date(each.as_of)), axis: "As of", series: [{ name: noun.Many, values: past.data.points.map((each) => each.customers), area: true }], format: (value) => f.number(value), short: (value) => f.compact(value) }),
    [past.data, f, noun.Many],
  );
  const moves = useMemo(
    () =>
      days.data &&
      bars({
        labels: days.data.map((each) => f.day(each.day)),
        axis: "Day",
        stacked: true,
        series: [
          { name: "Entered", values: days.data.map((each) => each.entered) },
          { name: "Left", values: days.data.map((each) => (each.left === null ? null : -each.left)) },
        ],
        format: (value) => f.number(value === null ? null : Math.abs(value)),
      }),
    [days.data, f],
  );
  const isStill = days.data?.every((each) => each.entered === 0 && each.left === 0) ?? false;
  const newest = useMemo(() => [...builds].reverse(), [builds]);
  const columns: Column<Build>[] = [
    { key: "as_of", header: "Build of", value: (row) => row.as_of, cell: (row) => f.time(row.as_of) },
    { key: "customers", header: noun.Many, number: true, value: (row) => row.customers, cell: (row) => f.number(row.customers) },
    { key: "entered", header: "Entered", number: true, value: (row) => row.entered, cell: (row) => f.number(row.entered) },
    { key: "left", header: "Left", number: true, value: (row) => row.left, cell: (row) => f.number(row.left) },
    { key: "rule", header: "Rule then", value: (row) => row.rule, cell: (row) => <code>{row.rule}</code>, minor: true },
  ];
  return (
    <div className="stack">
      <Panel
        title="By its present rule"
        words="How many it would have held for then."
        of={past}
        height={260}
        actions={
          <Choice
            label="How far apart"
            value={state.every}
            onChange={(next) => set({ every: next })}
            of={[
              { value: "1", label: "Days" },
              { value: "7", label: "Weeks" },
              { value: "30", label: "Months" },
            ]}
          />
        }
        foot={past.data && <AsOf at={past.data.points.at(-1)?.as_of} exact={!past.data.is_estimate} note={past.data.note} />}
      >
        {grown && <Chart title="Size by its present rule" of={grown} height={260} />}
      </Panel>
      <div className="columns">
        <Panel title="Size at each build">{builds.length > 1 ? <Chart title={`${noun.Many} at each build`} of={sizes} height={260} /> : <Empty icon="line" title="One build so far" command="habitue build" />}</Panel>
        <Panel
          title="Entries and exits"
          of={days}
          height={260}
          actions={<Choice label="How many days" value={state.days} onChange={(next) => set({ days: next })} of={["7", "30", "90"].map((each) => ({ value: each, label: `${each} days` }))} />}
        >
          {moves && isStill ? (
            <Empty icon="clock" title="Nobody entered or left in these days" />
          ) : (
            moves && <Chart title="Entries and exits by day" of={moves} height={260} />
          )}
        </Panel>
      </div>
      <Panel title="Builds" flush>
        <DataTable caption="Builds" columns={columns} rows={newest} rowKey={(row) => String(newest.indexOf(row))} />
      </Panel>
    </div>
  );
}
