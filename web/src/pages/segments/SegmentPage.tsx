/** One segment: who is in it, what they have in common, how it moved, what it says. */

import { useEffect } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useAsk, type Answer } from "../../api/client";
import { useCounters } from "../../api/changes";
import { useShortcut } from "../../app/keys";
import { navigate, useParams, useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, Badge, Button, ButtonLink, Delta, Figure, IconButton, Live, Menu, Page, Panel, Sentence, Spark, Tabs, useFormat } from "../../parts";
import { DefinitionTab } from "./DefinitionTab";
import { HistoryTab } from "./HistoryTab";
import { OverlapTab } from "./OverlapTab";
import { PeopleTab } from "./PeopleTab";
import { ProfileTab } from "./ProfileTab";
import { SpreadTab } from "./SpreadTab";
import { useRemove } from "./SegmentsPage";
import { WhyTab } from "./WhyTab";
import "./segments.css";

type Shown = Answer<"GET /api/v1/segments/{name}">;

export default function SegmentPage() {
  const { name = "" } = useParams();
  const found = useAsk("GET /api/v1/segments/{name}", { path: { name } });
  const may = useMay();
  const noun = useNoun();
  const [state, set] = useUrlState({ tab: may("see_people") ? "people" : "profile", fresh: false });
  const segment = found.data?.segment;
  const label = segment?.label || name;
  const remove = useRemove(name, label);
  const edit = () => may("edit_definitions") && navigate(`/segments/${encodeURIComponent(name)}/edit`);
  useShortcut("e", "Edit", "Segment", edit);
  const tabs = [
    ...(may("see_people") ? [{ value: "people", label: noun.Many, children: <PeopleTab name={name} label={label} /> }] : []),
    { value: "profile", label: "Profile", children: <ProfileTab name={name} /> },
    { value: "spread", label: "Distributions", children: <SpreadTab name={name} label={label} /> },
    { value: "overlap", label: "Overlap", children: <OverlapTab name={name} label={label} /> },
    { value: "history", label: "History", children: <HistoryTab name={name} shown={found.data} /> },
    ...(may("see_people") ? [{ value: "why", label: "Why", children: <WhyTab name={name} /> }] : []),
    { value: "definition", label: "Definition", children: <DefinitionTab name={name} /> },
  ];
  return (
    <Page
      title={label}
      from={[{ to: "/segments", label: "Segments" }]}
      words={segment?.description}
      mark={
        <>
          {segment?.purpose && <Badge tone="accent">{segment.purpose.replaceAll("_", " ")}</Badge>}
          {segment?.group && <Badge>{segment.group}</Badge>}
          {state.fresh && <TakingOver onDone={() => set({ fresh: false })} />}
        </>
      }
      actions={
        may("edit_definitions") && (
          <>
            <Button icon="edit" onClick={edit}>
              Edit
            </Button>
            <ButtonLink to={`/segments/new?copy=${encodeURIComponent(name)}`} icon="duplicate">
              Duplicate
            </ButtonLink>
            <Menu items={[{ label: "Delete", icon: "trash", danger: true, onSelect: remove }]}>
              <IconButton icon="more" label="More" />
            </Menu>
          </>
        )
      }
    >
      <Panel of={found} height={120}>
        {found.data && <Head shown={found.data} isFresh={state.fresh} />}
      </Panel>
      {!found.error && <Tabs tabs={tabs} value={tabs.some((each) => each.value === state.tab) ? state.tab : "profile"} onChange={(tab) => set({ tab })} label="About this segment" />}
    </Page>
  );
}

function Head({ shown, isFresh }: { shown: Shown; isFresh: boolean }) {
  const f = useFormat();
  const noun = useNoun();
  const { counters, isLive } = useCounters();
  const { segment, history } = shown;
  const live = counters?.segments[segment.name];
  const size = live ?? segment.customers;
  const sizes = history.slice(-30).map((each) => each.customers);
  const before = history.at(-2)?.customers;
  const last = history.at(-1);
  const change = before && size !== null ? size / before - 1 : null;
  return (
    <div className="stack tight">
      <Sentence text={segment.words} large />
      <div className="figures-row">
        <Figure
          label={`${noun.Many} in it`}
          value={segment.hidden ? "few" : size === null ? (isFresh ? "counting …" : "not built yet") : f.number(size)}
          words={segment.share === null ? undefined : `${f.share(segment.share)} of all`}
          delta={<Delta change={change} good="nothing" against="the build before" />}
          definition={segment.words}
          live={isLive && live !== undefined && live !== null}
        >
          {sizes.filter((each) => each !== null).length > 1 && <Spark values={sizes} />}
        </Figure>
        <Figure label="Entered at the last build" value={f.number(last?.entered)} />
        <Figure label="Left at the last build" value={f.number(last?.left)} />
      </div>
      <AsOf at={last?.as_of} exact={segment.hidden ? null : true} />
    </div>
  );
}

/** After publishing: says how far the server has taken the new rule over. */
function TakingOver({ onDone }: { onDone: () => void }) {
  const cache = useQueryClient();
  const found = useAsk("GET /api/v1/state", undefined, { refetchInterval: 1000 });
  const live = found.data?.live as { making?: { step: string; done: number; total: number; problem: string } | null; phase?: string } | undefined;
  const making = live?.making;
  const isOver = found.data !== undefined && found.dataUpdatedAt > 0 && !making;
  useEffect(() => {
    if (!isOver) return;
    // A build follows the publication; its figures are asked for a little later too.
    const timers = [300, 3000, 8000].map((wait) => setTimeout(() => void cache.invalidateQueries(), wait));
    const end = setTimeout(onDone, 9000);
    return () => [...timers, end].forEach(clearTimeout);
    // Once, when it is over.
    // eslint-disable-next-line
  }, [isOver]);
  if (making?.step === "failed") return <Badge tone="bad">The live reading could not take it over: {making.problem}</Badge>;
  if (making) return <Badge tone="info">Taking over live: {making.step === "reading" && making.total ? `${making.done} of ${making.total} records` : making.step} …</Badge>;
  return (
    <Badge tone="good">
      {live?.phase === "live" ? <Live label="Published, live" /> : "Published"}
    </Badge>
  );
}
