/** Somebody on one page: what is known, what they did, where they stand and why, what they agreed to, who they are made of. */

import { useAsk } from "../../api/client";
import type { CustomerPage as Known } from "../../api/types.gen";
import { Link, useParams, useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, Badge, Chips, Copy, Figure, Page, Panel, Problem, Skeleton, Tabs, asCurl, useFormat, type Chip } from "../../parts";
import { Activity } from "./Activity";
import { Consents } from "./Consents";
import { Features } from "./Features";
import { Identity } from "./Identity";
import { More } from "./More";
import { Segments } from "./Segments";
import { TimelineTab } from "./Timeline";
import { Traits } from "./Traits";
import { Visits } from "./Visits";
import "./customers.css";

const VISIT = "Session";

export default function CustomerPage() {
  const { id = "" } = useParams();
  const page = useAsk("GET /api/v1/customers/{id}/page", { path: { id } }, { staleTime: 15_000 });
  const from = useFrom();
  if (page.error) {
    return (
      <Page title={id} from={from}>
        <Problem error={page.error} onAgain={() => void page.refetch()} />
      </Page>
    );
  }
  if (!page.data) {
    return (
      <Page title={id} from={from}>
        <Skeleton height={96} />
        <Skeleton height={320} />
      </Page>
    );
  }
  return <Somebody known={page.data} />;
}

/** The way back: the list with the filters that one came with. */
function useFrom() {
  const noun = useNoun();
  const [state] = useUrlState({ segment: "", rule: "" });
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
  return [{ to: `/customers${query ? `?${query}` : ""}`, label: noun.Many }];
}

function Somebody({ known }: { known: Known }) {
  const noun = useNoun();
  const f = useFormat();
  const may = useMay();
  const [state, set] = useUrlState({ tab: "known", segment: "", rule: "" });
  const carried = { ...(state.segment ? { segment: state.segment } : {}), ...(state.rule ? { rule: state.rule } : {}) };
  const from = useFrom();
  const chips: Chip[] = Object.entries(carried).map(([key, value]) => ({ key, label: key === "segment" ? "Segment" : "Rule", value }));
  const path = { id: known.customer };
  const visits = known.events.find((each) => each.event === VISIT)?.times ?? 0;
  return (
    <Page
      title={known.customer}
      from={from}
      mark={known.records > 1 ? <Badge tone="info">{f.number(known.records)} records</Badge> : undefined}
      words={
        <div className="row">
          <Chips chips={chips} label="Came here with" />
          <AsOf at={known.as_of} exact={null} note={<span>personal values are hidden until you say what for</span>} />
        </div>
      }
      actions={
        <>
          <Copy
            as={[
              { label: "id", text: known.customer },
              { label: "JSON", text: () => JSON.stringify(known, null, 2) },
              { label: "curl", text: () => asCurl("GET /api/v1/customers/{id}/page", { path }) },
              { label: "command", text: `habitue segments explain SEGMENT ${known.customer}` },
            ]}
          />
          <More customer={known.customer} />
        </>
      }
    >
      <Facts known={known} />
      <Tabs
        label={`About this ${noun.one}`}
        value={state.tab}
        onChange={(tab) => set({ tab }, { push: true })}
        tabs={[
          { value: "known", label: "Known", children: <Overview known={known} /> },
          { value: "timeline", label: "Timeline", count: f.compact(sum(known)), children: <TimelineTab known={known} /> },
          { value: "visits", label: "Visits", count: f.compact(visits), children: <Visits customer={known.customer} /> },
          { value: "segments", label: "Segments", count: known.segments.length, children: <Segments customer={known.customer} /> },
          { value: "consents", label: "Consents", children: <Consents customer={known.customer} states={known.consents} /> },
          { value: "identity", label: "Who is who", count: known.records, children: <Identity customer={known.customer} mayDecide={may("manage_identity")} purposes={known.purposes} /> },
        ]}
      />
    </Page>
  );
}

function sum(known: Known): number {
  return known.events.reduce((total, each) => total + each.times, 0);
}

/** The few facts that say most. */
function Facts({ known }: { known: Known }) {
  const f = useFormat();
  const own = `/customers/${encodeURIComponent(known.customer)}`;
  const times = known.events.flatMap((each) => [each.first_at, each.last_at]).sort();
  const first = times[0];
  const last = times.at(-1);
  const told = ["recency_days", "frequency", "monetary"].flatMap((name) => known.features.find((each) => each.name === name && each.value !== null) ?? []);
  return (
    <div className="figures-row customer-figures">
      <Figure label="First seen" value={f.date(first)} words={first ? f.ago(first) : undefined} to={`${own}?tab=timeline`} />
      <Figure label="Last seen" value={last ? f.ago(last) : f.none} words={f.date(last)} to={`${own}?tab=timeline`} />
      {told.map((each) => (
        <Figure
          key={each.name}
          label={each.label}
          value={each.kind === "money" ? f.moneyCompact(each.value as number) : f.number(each.value as number, each.kind === "integer" ? 0 : 1)}
          words={each.kind === "money" ? f.money(each.value as number) : each.unit}
          to={`/customers?sort=${each.name === "recency_days" ? "" : "-"}feature.${each.name}`}
        />
      ))}
      <Figure label="Segments" value={f.number(known.segments.length)} to={`${own}?tab=segments`} words={known.segments.slice(0, 2).map((each) => each.label || each.segment).join(", ")} />
    </div>
  );
}

function Overview({ known }: { known: Known }) {
  const own = `/customers/${encodeURIComponent(known.customer)}`;
  return (
    <div className="main-and-side">
      <div className="stack">
        <Activity known={known} />
        <Features features={known.features} />
      </div>
      <div className="stack">
        <Traits known={known} />
        <InSegments known={known} />
        <Panel title="Consents" actions={<Link to={`${own}?tab=consents`}>All that was said</Link>}>
          <ul className="plain-list">
            {known.consents.map((each) => (
              <li key={each.purpose} className="row apart">
                <span>{each.label}</span>
                <Badge tone={each.allowed ? "good" : "plain"}>{each.allowed ? "allowed" : (each.state ?? "not asked")}</Badge>
              </li>
            ))}
            {!known.consents.length && <li className="quiet">No purpose is declared under policies/.</li>}
          </ul>
        </Panel>
      </div>
    </div>
  );
}

/** The segments that they are in; exactly since when, and until when, once that is proved. */
function InSegments({ known }: { known: Known }) {
  const noun = useNoun();
  const f = useFormat();
  const own = `/customers/${encodeURIComponent(known.customer)}`;
  const proved = useAsk("GET /api/v1/customers/{id}/standing", { path: { id: known.customer } });
  const stands = new Map(proved.data?.segments.map((each) => [each.segment, each]));
  return (
    <Panel title="In segments" actions={<Link to={`${own}?tab=segments`}>Why</Link>}>
      {known.segments.length ? (
        <ul className="plain-list">
          {known.segments.map((each) => {
            const stand = stands.get(each.segment);
            return (
              <li key={each.segment} className="row apart">
                <Link to={`/segments/${encodeURIComponent(each.segment)}`}>{each.label || each.segment}</Link>
                <span className="quiet tiny nowrap">
                  {stand?.since && `since ${f.date(stand.since)}`}
                  {stand?.changes_at && `, leaves ${f.ago(stand.changes_at)}`}
                </span>
              </li>
            );
          })}
        </ul>
      ) : (
        <p className="quiet">
          This {noun.one} is in none. <Link to={`${own}?tab=segments&which=all`}>See why</Link>.
        </p>
      )}
    </Panel>
  );
}

