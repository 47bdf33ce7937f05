import { useMemo } from "react";
import { useFirstLook } from "../../api/firstLook";
import type { SeenLink, SeenPaths } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, asCurl, Based, Chart, Choice, Combobox, Copy, DataTable, Empty, Field, Figure, flows, Input, Page, Panel, Select, useFormat, usePeople, type Column, type Format } from "../../parts";
import { AboutBar, aboutQuery, aboutWords, eventOptions, useAbout, useVocabulary } from "./asked";
import { behindMark } from "./marks";
import "./measures.css";

const OTHERS = "something else";
const DIRECTIONS = [
  { value: "to", label: "Leading to" },
  { value: "from", label: "After" },
];

interface LinkMark {
  place: number;
  source: string | null;
  target: string | null;
  ends: boolean;
  /** Everybody at the source, whatever follows. */
  all?: boolean;
  count: number | null;
}

/** What people do one thing after another, up to an event or from one on, and where they stop. */
export default function PathsPage() {
  const [about, setAbout] = useAbout(90);
  const [state, set] = useUrlState({ way: "to", event: "", within: "30d", steps: 4, top: 7 });
  const vocabulary = useVocabulary();
  const names = vocabulary.data?.events.map((each) => each.name) ?? [];
  const usual = names.includes("Order Completed") ? "Order Completed" : (names[0] ?? "");
  const event = state.event || usual;
  const asked = { [state.way]: event, within: state.within, steps: state.steps, top: state.top, ...aboutQuery(about) };
  const found = useFirstLook("GET /api/v1/paths", { query: asked }, { enabled: Boolean(event) });
  const people = usePeople();
  const may = useMay();
  const show = (mark: LinkMark) => {
    if (!may("see_people")) return;
    const next = mark.all ? {} : mark.ends ? { ends: true } : { onward: true, ...(mark.target ? { target: mark.target } : {}) };
    const then = mark.all ? "" : mark.ends ? (state.way === "to" ? ", and nothing before it" : ", and nothing after it") : state.way === "to" ? `, after ${mark.target ?? OTHERS}` : `, then ${mark.target ?? OTHERS}`;
    people(
      behindMark("GET /api/v1/paths/people", { ...asked, place: mark.place, names: JSON.stringify(found.data?.names ?? []), ...(mark.source ? { source: mark.source } : {}), ...next }, {
        title: `${mark.source ?? OTHERS}${then}`,
        words: `${mark.place}. place ${state.way === "to" ? "before" : "after"} “${event}”`,
        count: found.data?.is_estimate ? null : mark.count,
        filters: { Paths: `${state.way === "to" ? "to" : "from"} ${event}`, ...aboutWords(about) },
      }),
    );
  };
  return (
    <Page
      title="Paths"
      words="What people do on the way to an event, or after one, and where the way ends."
      actions={<Copy as={[{ label: "Command", text: `habitue paths --${state.way === "to" ? "to" : "from"} ${JSON.stringify(event)} --within ${state.within} --steps ${state.steps}` }, { label: "curl", text: asCurl("GET /api/v1/paths", { query: asked }) }]} />}
    >
      <AboutBar about={about} onChange={setAbout} allTime />
      <Panel>
        <div className="measures-asking">
          <div className="field">
            <span className="field-label">Paths</span>
            <Choice label="Paths" value={state.way} of={DIRECTIONS} onChange={(way) => set({ way })} />
          </div>
          <Field label="Event">{(c) => <Combobox id={c.id} label="Event" value={event} options={eventOptions(vocabulary.data)} onChange={(next) => set({ event: next })} />}</Field>
          <Field label="Within">{(c) => <Input {...c} value={state.within} placeholder="no limit" onChange={(within) => set({ within })} />}</Field>
          <Field label="Things on a path">{(c) => <Select {...c} value={String(state.steps)} of={["2", "3", "4", "5", "6", "8"].map((each) => ({ value: each, label: each }))} onChange={(next) => set({ steps: Number(next) })} />}</Field>
          <Field label="Shown by name">{(c) => <Select {...c} value={String(state.top)} of={["4", "7", "10", "15"].map((each) => ({ value: each, label: each }))} onChange={(next) => set({ top: Number(next) })} />}</Field>
        </div>
      </Panel>
      <Based on={found.basis}>
        {found.data && <Headline found={found.data} event={event} />}
        <Panel title="The way" words="As wide as it is many. A click on a part gives the people on it." of={found} height={440} foot={found.data && <AsOf at={found.data.until} exact={!found.data.rounded && !found.data.is_estimate} />}>
          {found.data && <Way found={found.data} onMark={show} />}
        </Panel>
        {found.data && found.data.links.length > 0 && (
          <div className="columns">
            <Panel title="Where it ends" flush words={state.way === "to" ? "What people did first of all on the way." : "After what nothing came."}>
              <Ends found={found.data} onMark={show} />
            </Panel>
            <Panel title="Whole paths" flush>
              <Whole found={found.data} />
            </Panel>
          </div>
        )}
      </Based>
    </Page>
  );
}

function Headline({ found, event }: { found: SeenPaths; event: string }) {
  const f = useFormat();
  const noun = useNoun();
  const nothing = found.customers && found.nothing !== null ? found.nothing / found.customers : null;
  return (
    <div className="figures-row">
      <Figure label={event} value={f.number(found.customers)} words={`${noun.many} did it`} />
      <Figure label={found.to ? "Came straight to it" : "Nothing after it"} value={f.share(nothing)} words={`${f.number(found.nothing)} ${noun.many} with nothing on their path`} />
    </div>
  );
}

const label = (name: string | null) => name ?? OTHERS;

/** The links as flows in the order of time; what ends a path has a node of its own. */
function drawnWay(found: SeenPaths, f: Format) {
  const leads = Boolean(found.to);
  const deepest = Math.max(1, ...found.links.map((each) => each.place));
  const name = (place: number, touch: string | null) => `${place}|${label(touch)}`;
  const shown = found.links.filter((each) => each.customers);
  const nodes = new Map<string, { name: string; label: string; depth: number; mark?: unknown; isEnd?: boolean }>();
  const depth = (place: number) => (leads ? deepest + 1 - place : place - 1);
  const flowing: { source: string; target: string; value: number; mark: LinkMark }[] = [];
  const node = (place: number, touch: string | null) => {
    const key = name(place, touch);
    const count = shown.filter((each) => each.place === place && each.source === touch).reduce((sum, each) => sum + (each.customers ?? 0), 0);
    if (!nodes.has(key)) nodes.set(key, { name: key, label: label(touch), depth: depth(place), mark: count ? { place, source: touch, target: null, ends: false, all: true, count } : undefined });
    return key;
  };
  for (const each of shown) {
    const here = node(each.place, each.source);
    const mark = markOfLink(each);
    if (each.ends) {
      const key = `${each.place}|end`;
      if (!nodes.has(key)) nodes.set(key, { name: key, label: leads ? "begins here" : "ends here", depth: depth(each.place + 1), isEnd: true });
      flowing.push({ source: leads ? key : here, target: leads ? here : key, value: each.customers ?? 0, mark });
    } else {
      const there = node(each.place + 1, each.target);
      flowing.push({ source: leads ? there : here, target: leads ? here : there, value: each.customers ?? 0, mark });
    }
  }
  return flows({ nodes: [...nodes.values()].map(({ mark, ...rest }) => (mark ? { ...rest, mark } : rest)), links: flowing, format: (value) => f.number(value) });
}

function markOfLink(link: SeenLink): LinkMark {
  return { place: link.place, source: link.source, target: link.target, ends: link.ends, count: link.customers };
}

function Way({ found, onMark }: { found: SeenPaths; onMark: (mark: LinkMark) => void }) {
  const f = useFormat();
  const drawn = useMemo(() => drawnWay(found, f), [found, f]);
  if (!found.links.some((each) => each.customers)) return <Empty title="Nobody has a path here" icon="paths" />;
  return <Chart title="Paths" of={drawn} height={440} onMark={onMark} />;
}

function Ends({ found, onMark }: { found: SeenPaths; onMark: (mark: LinkMark) => void }) {
  const f = useFormat();
  const noun = useNoun();
  const may = useMay();
  const columns = useMemo<Column<SeenLink>[]>(
    () => [
      { key: "source", header: "What", value: (row) => label(row.source) },
      { key: "place", header: "Place", number: true, value: (row) => row.place },
      {
        key: "customers",
        header: noun.Many,
        number: true,
        value: (row) => row.customers,
        cell: (row) =>
          may("see_people") ? (
            <button type="button" className="link-button" onClick={() => onMark(markOfLink(row))}>
              {f.number(row.customers)}
            </button>
          ) : (
            f.number(row.customers)
          ),
      },
    ],
    [f, noun.Many, may, onMark],
  );
  return <DataTable caption="Where paths end" columns={columns} rows={found.links.filter((each) => each.ends && each.customers)} rowKey={(row) => `${row.place} ${row.source}`} sort="-customers" maxHeight={360} />;
}

function Whole({ found }: { found: SeenPaths }) {
  const f = useFormat();
  const noun = useNoun();
  return (
    <DataTable
      caption="Whole paths"
      rows={found.paths}
      rowKey={(row) => row.path.join(" → ")}
      maxHeight={360}
      columns={[
        { key: "path", header: "Path", value: (row) => row.path.map(label).join(" → ") },
        { key: "customers", header: noun.Many, number: true, value: (row) => row.customers, cell: (row) => f.number(row.customers) },
      ]}
    />
  );
}
