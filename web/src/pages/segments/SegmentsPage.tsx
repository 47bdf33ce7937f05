/** Every segment: how many, how that moved, what it is for, what uses it. */

import { useMemo } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { ask, ProblemError, useAsk, type Answer } from "../../api/client";
import { useCounters } from "../../api/changes";
import { useShortcut } from "../../app/keys";
import { Link, navigate, useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, Badge, ButtonLink, DataTable, Empty, IconButton, Live, Menu, Page, Panel, Select, Spark, Tooltip, useFormat, useSay, type Column } from "../../parts";
import "./segments.css";

type Row = Answer<"GET /api/v1/segments/board">["segments"][number];

const addressOf = (row: Row) => `/segments/${encodeURIComponent(row.segment.name)}`;

export default function SegmentsPage() {
  const board = useAsk("GET /api/v1/segments/board");
  const words = useAsk("GET /api/v1/vocabulary", undefined, { staleTime: 60_000 });
  const may = useMay();
  const noun = useNoun();
  const { counters } = useCounters();
  const [state, set] = useUrlState({ group: "", purpose: "", sort: "" });
  const columns = useColumns(counters?.segments ?? {}, words.data?.purposes ?? []);
  const all = useMemo(() => board.data?.segments ?? [], [board.data]);
  const groups = useMemo(() => [...new Set(all.map((row) => row.segment.group).filter(Boolean))], [all]);
  const purposes = useMemo(() => [...new Set(all.map((row) => row.segment.purpose).filter(Boolean))], [all]);
  const rows = all.filter((row) => (!state.group || row.segment.group === state.group) && (!state.purpose || row.segment.purpose === state.purpose));
  useShortcut("n", "New segment", "Segments", () => may("edit_definitions") && navigate("/segments/new"));
  return (
    <Page
      title="Segments"
      words={`Groups of ${noun.many}, each by a rule; who fits is in it, as long as they fit.`}
      actions={
        may("edit_definitions") && (
          <ButtonLink to="/segments/new" kind="primary" icon="plus">
            New segment
          </ButtonLink>
        )
      }
    >
      <Drafts />
      <Panel flush of={board} height={420} foot={board.data?.as_of ? <AsOf at={board.data.as_of} note={`${all.length} segments`} /> : undefined}>
        <DataTable
          caption="Segments"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.segment.name}
          rowTo={addressOf}
          sort={state.sort}
          onSort={(sort) => set({ sort })}
          find={(row) => `${row.segment.name} ${row.segment.label} ${row.segment.words} ${row.segment.purpose} ${row.segment.group}`}
          findLabel="Find a segment"
          maxHeight={4000}
          tools={
            <>
              {groups.length > 0 && <Select aria-label="Heading" value={state.group} onChange={(group) => set({ group })} of={[{ value: "", label: "All headings" }, ...groups.map((each) => ({ value: each, label: each }))]} />}
              {purposes.length > 0 && (
                <Select
                  aria-label="Purpose"
                  value={state.purpose}
                  onChange={(purpose) => set({ purpose })}
                  of={[{ value: "", label: "All purposes" }, ...purposes.map((each) => ({ value: each, label: words.data?.purposes.find((known) => known.name === each)?.label || each }))]}
                />
              )}
            </>
          }
          empty={
            <Empty icon="segments" title={all.length ? "No segment fits" : "No segments yet"} {...(all.length ? {} : { command: "habitue segments preview \"did('Order Completed', last='30d')\"" })}>
              {all.length ? "Take a filter out." : "Make the first one here, or put a file under segments/."}
            </Empty>
          }
        />
      </Panel>
    </Page>
  );
}

function useColumns(live: Readonly<Record<string, number | null>>, purposes: readonly { name: string; label: string }[]): Column<Row>[] {
  const f = useFormat();
  const noun = useNoun();
  return [
    {
      key: "segment",
      header: "Segment",
      value: (row) => row.segment.label || row.segment.name,
      width: "46%",
      cell: (row) => (
        <div className="segments-name">
          <span className="row">
            <Link to={addressOf(row)}>
              <strong>{row.segment.label || row.segment.name}</strong>
            </Link>
            {row.is_live && <Live />}
          </span>
          <span className="segments-words">{row.segment.words}</span>
        </div>
      ),
    },
    {
      key: "customers",
      header: noun.Many,
      number: true,
      value: (row) => live[row.segment.name] ?? row.segment.customers,
      cell: (row) => {
        const size = live[row.segment.name] ?? row.segment.customers;
        if (row.segment.hidden) return <Tooltip text="Too few to be shown to your role"><span tabIndex={0}>few</span></Tooltip>;
        if (size === null) return <span className="quiet small">not built yet</span>;
        return (
          <span className="segments-name">
            <span>{f.number(size)}</span>
            <span className="quiet tiny">{f.share(row.segment.share)}</span>
          </span>
        );
      },
    },
    {
      key: "movement",
      header: "Movement",
      minor: true,
      value: (row) => change(row) ?? 0,
      cell: (row) => <Movement row={row} />,
    },
    {
      key: "purpose",
      header: "Purpose",
      minor: true,
      value: (row) => row.segment.purpose,
      cell: (row) => (row.segment.purpose ? <Badge>{purposes.find((each) => each.name === row.segment.purpose)?.label || row.segment.purpose}</Badge> : <span className="quiet">–</span>),
    },
    {
      key: "used",
      header: "Used by",
      minor: true,
      number: true,
      value: (row) => row.used_by.length,
      cell: (row) =>
        row.used_by.length ? (
          <Tooltip text={row.used_by.map((each) => `${each.kind} ${each.label || each.name}`).join(", ")}>
            <span tabIndex={0}>{row.used_by.length}</span>
          </Tooltip>
        ) : (
          <span className="quiet">–</span>
        ),
    },
    { key: "acts", header: "", cell: (row) => <Acts row={row} /> },
  ];
}

function change(row: Row): number | null {
  const [first, last] = [row.movement[0]?.customers, row.movement.at(-1)?.customers];
  return first === null || first === undefined || last === null || last === undefined ? null : last - first;
}

function Movement({ row }: { row: Row }) {
  const f = useFormat();
  const sizes = row.movement.map((each) => each.customers);
  const known = sizes.filter((each): each is number => each !== null);
  if (known.length < 2) return <span className="quiet small">–</span>;
  const by = change(row) ?? 0;
  return (
    <Tooltip text={`${f.number(known[0])} → ${f.number(known.at(-1))} over ${row.movement.length} builds`}>
      <span className="segments-movement" tabIndex={0}>
        <span className="segments-spark">
          <Spark values={sizes} />
        </span>
        <span className="tiny quiet figures">
          {by > 0 ? "+" : by < 0 ? "−" : "±"}
          {f.number(Math.abs(by))}
        </span>
      </span>
    </Tooltip>
  );
}

function Acts({ row }: { row: Row }) {
  const may = useMay();
  const remove = useRemove(row.segment.name, row.segment.label || row.segment.name);
  if (!may("edit_definitions")) return null;
  const name = encodeURIComponent(row.segment.name);
  return (
    <Menu
      items={[
        { label: "Edit", icon: "edit", onSelect: () => navigate(`/segments/${name}/edit`) },
        { label: "Duplicate", icon: "duplicate", onSelect: () => navigate(`/segments/new?copy=${name}`) },
        null,
        { label: "Delete", icon: "trash", danger: true, disabled: row.used_by.length > 0, ...(row.used_by.length ? { hint: "in use" } : {}), onSelect: remove },
      ]}
    >
      <IconButton small icon="more" label={`More about ${row.segment.label || row.segment.name}`} />
    </Menu>
  );
}

/** Takes a segment out of the project's files, after asking. */
export function useRemove(name: string, label: string): () => void {
  const say = useSay();
  const cache = useQueryClient();
  return () => {
    if (!window.confirm(`Delete “${label}”? It is taken out of the project's files.`)) return;
    ask("DELETE /api/v1/segments/{name}", { path: { name } })
      .then(() => {
        say(`${label} is deleted`);
        navigate("/segments");
        return cache.invalidateQueries();
      })
      .catch((error: unknown) => say(error instanceof ProblemError ? `${error.message} ${error.do}` : "It could not be deleted", "bad"));
  };
}

function Drafts() {
  const may = useMay()("edit_definitions");
  const f = useFormat();
  const drafts = useAsk("GET /api/v1/segments/drafts", undefined, { enabled: may, staleTime: 0 });
  if (!drafts.data?.length) return null;
  return (
    <Panel title="Your drafts" words="Kept on the server; nobody else sees them until you publish.">
      <ul className="segments-drafts">
        {drafts.data.slice(0, 5).map((each) => {
          const body = each.body as { label?: string; name?: string };
          const to = each.segment ? `/segments/${encodeURIComponent(each.segment)}/edit?draft=${each.id}` : `/segments/new?draft=${each.id}`;
          return (
            <li key={each.id} className="row">
              <Link to={to}>{body.label || body.name || "Without a name"}</Link>
              {each.segment && <Badge>changes {each.segment}</Badge>}
              <span className="quiet small">saved {f.ago(each.changed_at)}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
