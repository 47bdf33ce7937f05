import { useMemo } from "react";
import { useFirstLook, type Look } from "../../api/firstLook";
import type { SeenAttribution, SeenChannel, Vocabulary } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, asCurl, bars, Based, Chart, Choice, Combobox, Copy, DataTable, Empty, Field, Figure, Input, Page, Panel, useFormat, usePeople, type Column } from "../../parts";
import { AboutBar, aboutQuery, aboutWords, eventOf, eventOptions, useAbout, useVocabulary } from "./asked";
import { behindMark } from "./marks";
import { StepField } from "./StepEditor";
import "./measures.css";

/** The models, and what each takes for fair. */
const MODELS: Record<string, { label: string; words: string }> = {
  first: { label: "First", words: "All of it to the first touch." },
  last: { label: "Last", words: "All of it to the last touch." },
  linear: { label: "Linear", words: "The same to every touch." },
  position: { label: "Position", words: "40 % to the first and the last each, the rest between." },
  decay: { label: "Decay", words: "The nearer to the conversion, the more." },
  shapley: { label: "Shapley", words: "The same to every different channel on the way." },
  markov: { label: "Markov", words: "As much as would be lost without the channel." },
};
const TOUCHES = ["Session", "Page Viewed", "Email Link Clicked"];
/** What says through what people came, the most telling first. */
const THROUGH = ["source", "utm_source", "utm_medium", "campaign_type", "channel"];

/** Which channels conversions are put down to, by seven models side by side. */
export default function AttributionPage() {
  const [about, setAbout] = useAbout(365);
  const [state, set] = useUrlState({ touch: "", by: "", to: "", value: "", within: "30d", half: "7d", show: "share" });
  const vocabulary = useVocabulary();
  const usual = useUsual(vocabulary.data);
  const asked = { touch: state.touch || usual.touch, by: state.by || usual.by, to: state.to || usual.to, value: state.show === "worth" ? state.value || usual.value : "", within: state.within, half_life: state.half, ...aboutQuery(about) };
  const found = useFirstLook("GET /api/v1/attribution", { query: asked }, { enabled: Boolean(vocabulary.data && asked.touch && asked.by) });
  const people = usePeople();
  const may = useMay();
  const show = (mark: SeenChannel) => {
    if (!may("see_people") || mark.channel === null) return;
    people(
      behindMark("GET /api/v1/attribution/people", { ...asked, channel: mark.channel }, {
        title: `Touched through ${mark.channel} before “${asked.to}”`,
        count: found.data?.is_estimate ? null : mark.customers,
        filters: { [asked.by]: mark.channel, Within: state.within, ...aboutWords(about) },
      }),
    );
  };
  const touches = eventOf(vocabulary.data, asked.touch)?.properties.filter((each) => ["text", "boolean"].includes(each.kind)) ?? [];
  return (
    <Page
      title="Attribution"
      words="Which channels conversions are put down to. Models differ: what they agree on is safe to act on."
      actions={<Copy as={[{ label: "Command", text: `habitue attribution --touch ${JSON.stringify(asked.touch)} --by ${asked.by} --to ${JSON.stringify(asked.to)}` }, { label: "curl", text: asCurl("GET /api/v1/attribution", { query: asked }) }]} />}
    >
      <AboutBar about={about} onChange={setAbout} allTime />
      <Panel>
        <div className="measures-asking">
          <Field label="Touched by">{() => <StepField label="Touched by" step={asked.touch} place={0} vocabulary={vocabulary.data} onChange={(touch) => set({ touch, by: "" })} />}</Field>
          <Field label="Through what">{(c) => <Combobox id={c.id} label="Through what" value={asked.by} options={touches.map((each) => ({ value: each.name, label: each.name }))} onChange={(by) => set({ by })} />}</Field>
          <Field label="Conversion">{(c) => <Combobox id={c.id} label="Conversion" value={asked.to} options={eventOptions(vocabulary.data)} onChange={(to) => set({ to })} />}</Field>
          <Field label="Within">{(c) => <Input {...c} value={state.within} placeholder="no limit" onChange={(within) => set({ within })} />}</Field>
          <Field label="Half-life of decay">{(c) => <Input {...c} value={state.half} onChange={(half) => set({ half })} />}</Field>
          <div className="field">
            <span className="field-label">Show</span>
            <Choice label="Show" value={state.show} of={[{ value: "share", label: "Share" }, { value: "conversions", label: "Conversions" }, ...(usual.value ? [{ value: "worth", label: "Revenue" }] : [])]} onChange={(next) => set({ show: next })} />
          </div>
        </div>
      </Panel>
      {vocabulary.data && !asked.by ? (
        <Empty title="No property of this event says through what" icon="share">
          Choose an event with a property such as channel or source.
        </Empty>
      ) : (
        <Shown found={found} show={state.show as Show} onMark={show} />
      )}
    </Page>
  );
}

type Show = "share" | "conversions" | "worth";

function useUsual(vocabulary: Vocabulary | undefined) {
  return useMemo(() => {
    const events = vocabulary?.events ?? [];
    const has = (event: (typeof events)[number], name: string) => event.properties.some((each) => each.name === name);
    const known = TOUCHES.flatMap((name) => events.filter((each) => each.name === name)).concat(events.filter((each) => each.name !== "Order Completed"));
    const by = THROUGH.find((name) => known.some((each) => has(each, name))) ?? "";
    const touch = known.find((each) => has(each, by));
    const goal = events.find((each) => each.name === "Order Completed") ?? events[0];
    const value = goal?.properties.find((each) => each.name === "revenue" || each.kind === "money")?.name ?? "";
    return { touch: touch?.name ?? events[0]?.name ?? "", by, to: goal?.name ?? "", value };
  }, [vocabulary]);
}

function Shown({ found, show, onMark }: { found: Look<SeenAttribution>; show: Show; onMark: (mark: SeenChannel) => void }) {
  const f = useFormat();
  return (
    <Based on={found.basis}>
      {found.data && (
        <div className="figures-row">
          <Figure label="Conversions with a touch" value={f.number(found.data.conversions)} words={`“${found.data.to}”`} />
          <Figure label="Ways without one" value={f.number(found.data.lost)} words="touched, and not converted" />
          <Figure label="Channels" value={f.number(found.data.channels.length)} words={found.data.by} />
        </div>
      )}
      <Panel title="Models side by side" words="A click on a bar gives the people behind the conversions of a channel." of={found} height={320} foot={found.data && <AsOf at={found.data.until} exact={!found.data.rounded && !found.data.is_estimate} />}>
        {found.data && <Bars found={found.data} show={show} onMark={onMark} />}
      </Panel>
      {found.data && (
        <Panel title="By channel" flush>
          <Table found={found.data} show={show} onMark={onMark} />
        </Panel>
      )}
    </Based>
  );
}

const credit = (row: SeenChannel, model: string, show: Show) => row.credits.find((each) => each.model === model)?.[show] ?? null;

function useSaid(show: Show) {
  const f = useFormat();
  return (value: number | null) => (show === "share" ? f.share(value) : show === "worth" ? f.moneyCompact(value) : f.number(value === null ? null : Math.round(value * 10) / 10));
}

const name = (row: SeenChannel) => row.channel ?? "few people, together";
const MOST_BARS = 8;

function Bars({ found, show, onMark }: { found: SeenAttribution; show: Show; onMark: (mark: SeenChannel) => void }) {
  const said = useSaid(show);
  const shown = useMemo(() => found.channels.slice(0, MOST_BARS), [found]);
  const drawn = useMemo(
    () =>
      bars({
        labels: Object.values(MODELS).map((each) => each.label),
        axis: "Model",
        series: shown.map((row) => ({ name: name(row), values: Object.keys(MODELS).map((model) => credit(row, model, show)) })),
        format: said,
        short: said,
        mark: (line) => (shown[line]?.channel === null ? null : shown[line]),
      }),
    // `said` follows `show`.
    [shown, show],
  );
  if (!shown.length) return <Empty title="No conversion has a touch before it" icon="share" />;
  return <Chart title="Attribution by model" of={drawn} height={320} onMark={onMark} />;
}

function Table({ found, show, onMark }: { found: SeenAttribution; show: Show; onMark: (mark: SeenChannel) => void }) {
  const f = useFormat();
  const said = useSaid(show);
  const noun = useNoun();
  const may = useMay();
  const columns: Column<SeenChannel>[] = [
    { key: "channel", header: found.by, value: name },
    ...Object.entries(MODELS).map(([model, { label }]) => ({ key: model, header: label, number: true, value: (row: SeenChannel) => credit(row, model, show), cell: (row: SeenChannel) => (row.hidden ? "<10" : said(credit(row, model, show))) })),
    {
      key: "spread",
      header: "Apart",
      number: true,
      minor: true,
      value: (row) => spread(row, show),
      cell: (row) => said(spread(row, show)),
    },
    {
      key: "customers",
      header: noun.Many,
      number: true,
      value: (row) => row.customers,
      cell: (row) =>
        row.customers && row.channel !== null && may("see_people") ? (
          <button type="button" className="link-button" onClick={() => onMark(row)}>
            {f.number(row.customers)}
          </button>
        ) : (
          f.number(row.customers)
        ),
    },
  ];
  return (
    <>
      <DataTable caption="Attribution by channel" columns={columns} rows={found.channels} rowKey={name} sort="-shapley" />
      <dl className="measures-models">
        {Object.entries(MODELS).map(([model, { label, words }]) => (
          <div key={model}>
            <dt>{label}</dt>
            <dd className="quiet">{words}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** How far the models are apart about a channel. */
function spread(row: SeenChannel, show: Show): number | null {
  const known = Object.keys(MODELS).flatMap((model) => {
    const value = credit(row, model, show);
    return value === null ? [] : [value];
  });
  return known.length ? Math.max(...known) - Math.min(...known) : null;
}
