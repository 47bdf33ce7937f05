import { useMemo } from "react";
import { useFirstLook } from "../../api/firstLook";
import type { SeenCohorts, Vocabulary } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, asCurl, Based, Chart, Choice, Combobox, Copy, DataTable, Empty, Field, lines, Page, Panel, useFormat, usePeople, type Column } from "../../parts";
import { AboutBar, aboutQuery, aboutWords, useAbout, useVocabulary } from "./asked";
import { cohortHeat, cohortLabel, type CohortMark } from "./draw";
import { behindMark } from "./marks";
import { StepField } from "./StepEditor";
import "./measures.css";

const EVERY = [
  { value: "day", label: "Days" },
  { value: "week", label: "Weeks" },
  { value: "month", label: "Months" },
];
const NUMERIC = ["money", "number", "integer"];

/** Who comes again, and what they pay, by when they came first. */
export default function CohortsPage() {
  const [about, setAbout] = useAbout(365);
  const [state, set] = useUrlState({ event: "", again: "", every: "month", revenue: "", show: "share" });
  const vocabulary = useVocabulary();
  const usual = vocabulary.data?.events.some((each) => each.name === "Order Completed") ? "Order Completed" : (vocabulary.data?.events[0]?.name ?? "Order Completed");
  const event = state.event || usual;
  const revenue = state.show === "revenue" ? state.revenue || amounts(vocabulary.data)[0]?.value || "" : "";
  const asked = { event, again: state.again, every: state.every, revenue, ...aboutQuery(about) };
  const found = useFirstLook("GET /api/v1/cohorts", { query: asked }, { enabled: Boolean(vocabulary.data) });
  const people = usePeople();
  const may = useMay();
  const f = useFormat();
  const show = (mark: CohortMark) => {
    if (!may("see_people")) return;
    const { revenue: _, ...query } = asked;
    const when = cohortLabel(mark.start, state.every, f);
    people(
      behindMark("GET /api/v1/cohorts/people", { ...query, start: mark.start, ...(mark.later === null ? {} : { later: mark.later }) }, {
        title: mark.later === null ? `First “${event}” in ${when}` : `First in ${when}, again ${mark.later} ${state.every}${mark.later === 1 ? "" : "s"} later`,
        count: found.data?.is_estimate ? null : mark.count,
        filters: { First: event, ...(state.again ? { Again: state.again } : {}), ...aboutWords(about) },
      }),
    );
  };
  const views = [
    { value: "share", label: "Share" },
    { value: "customers", label: "People" },
    ...(amounts(vocabulary.data).length ? [{ value: "revenue", label: "Revenue" }] : []),
  ];
  return (
    <Page
      title="Cohorts"
      words="Everybody by when they came first, and how many come again in each step after it."
      actions={<Copy as={[{ label: "Command", text: `habitue cohorts --event ${JSON.stringify(event)} --every ${state.every}` }, { label: "curl", text: asCurl("GET /api/v1/cohorts", { query: asked }) }]} />}
    >
      <AboutBar about={about} onChange={setAbout} allTime />
      <Panel>
        <div className="measures-asking">
          <Field label="First time of">{() => <StepField label="First time of" step={event} place={0} vocabulary={vocabulary.data} onChange={(next) => set({ event: next })} />}</Field>
          <Field label="Come again for">
            {(c) => <Combobox id={c.id} label="Come again for" value={state.again} options={[{ value: "", label: "The same" }, ...(vocabulary.data?.events ?? []).map((each) => ({ value: each.name, label: each.name }))]} onChange={(again) => set({ again })} />}
          </Field>
          <div className="field">
            <span className="field-label">By</span>
            <Choice label="By" value={state.every} of={EVERY} onChange={(every) => set({ every })} />
          </div>
          <div className="field">
            <span className="field-label">Show</span>
            <Choice label="Show" value={state.show} of={views} onChange={(next) => set({ show: next })} />
          </div>
          {state.show === "revenue" && (
            <Field label="Summed">{(c) => <Combobox id={c.id} label="Summed" value={revenue} options={amounts(vocabulary.data)} onChange={(next) => set({ revenue: next })} />}</Field>
          )}
        </div>
      </Panel>
      <Based on={found.basis}>
        <Panel title="Who comes again" words="A click on a cell gives the people in it. The last step of each row may not be over." of={found} height={420} foot={found.data && <AsOf at={found.data.until} exact={!found.data.rounded && !found.data.is_estimate} />}>
          {found.data && <Triangle found={found.data} show={state.show as "share"} onMark={show} />}
        </Panel>
        {found.data && found.data.cohorts.length > 0 && (
          <>
            <Panel title="All cohorts together" words="Of everybody whose step is over, the share that came again so much later.">
              <Together found={found.data} />
            </Panel>
            <Panel title="Sizes" flush>
              <Sizes found={found.data} onMark={show} />
            </Panel>
          </>
        )}
      </Based>
    </Page>
  );
}

function amounts(vocabulary: Vocabulary | undefined) {
  return (vocabulary?.events ?? []).flatMap((event) => event.properties.filter((each) => NUMERIC.includes(each.kind)).map((each) => ({ value: `${event.name}.${each.name}`, label: `${event.name} · ${each.name}`, hint: each.kind }))).sort((one, other) => Number(other.value === "Order Completed.revenue") - Number(one.value === "Order Completed.revenue"));
}

function Triangle({ found, show, onMark }: { found: SeenCohorts; show: "share" | "customers" | "revenue"; onMark: (mark: CohortMark) => void }) {
  const f = useFormat();
  const drawn = useMemo(() => cohortHeat(found, f, show), [found, f, show]);
  if (!found.cohorts.length) return <Empty title={`Nobody did “${found.event}” in this time`} icon="cohorts" />;
  return <Chart title="Cohorts" of={drawn} height={Math.max(200, 40 + found.cohorts.length * 30)} onMark={onMark} />;
}

/** What part came again so many steps later, of all cohorts that are that old. */
function Together({ found }: { found: SeenCohorts }) {
  const f = useFormat();
  const drawn = useMemo(() => {
    const many = Math.max(0, ...found.cohorts.map((each) => each.steps.length));
    const shares = Array.from({ length: Math.max(0, many - 1) }, (_, before) => {
      const later = before + 1;
      // The newest step of a cohort is not over yet.
      const old = found.cohorts.filter((each) => each.steps.length > later + 1 && each.customers && !each.steps[later]?.hidden);
      const size = old.reduce((sum, each) => sum + (each.customers ?? 0), 0);
      const again = old.reduce((sum, each) => sum + (each.steps[later]?.customers ?? 0), 0);
      return size ? again / size : null;
    });
    return lines({ labels: shares.map((_, place) => `+${place + 1}`), axis: `${found.every}s later`, series: [{ name: "Came again", values: shares, area: true }], format: (value) => f.share(value), short: (value) => f.share(value, 0) });
  }, [found, f]);
  return <Chart title="All cohorts together" of={drawn} height={220} />;
}

function Sizes({ found, onMark }: { found: SeenCohorts; onMark: (mark: CohortMark) => void }) {
  const f = useFormat();
  const noun = useNoun();
  const may = useMay();
  const columns = useMemo<Column<SeenCohorts["cohorts"][number]>[]>(
    () => [
      { key: "start", header: `First ${found.every}`, value: (row) => row.start, cell: (row) => cohortLabel(row.start, found.every, f) },
      {
        key: "customers",
        header: noun.Many,
        number: true,
        value: (row) => row.customers,
        cell: (row) =>
          row.customers && may("see_people") ? (
            <button type="button" className="link-button" onClick={() => onMark({ start: row.start, later: null, count: row.customers })}>
              {f.number(row.customers)}
            </button>
          ) : row.customers === null ? (
            "<10"
          ) : (
            f.number(row.customers)
          ),
      },
      ...[1, 3, 6].map((later) => ({ key: `after${later}`, header: `After ${later}`, number: true, value: (row: SeenCohorts["cohorts"][number]) => row.steps[later]?.share ?? null, cell: (row: SeenCohorts["cohorts"][number]) => f.share(row.steps[later]?.share) })),
    ],
    [found.every, f, noun.Many, may, onMark],
  );
  return <DataTable caption="Cohorts" columns={columns} rows={found.cohorts} rowKey={(row) => row.start} sort="-start" />;
}
