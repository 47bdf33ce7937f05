/** What a build would do, one under way, and those before it. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useAct, useAsk } from "../../api/client";
import type { SeenRun } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { Badge, Button, DataTable, Empty, Icon, Panel, Problem, useFormat, useSay, type Column } from "../../parts";

const OFTEN_MS = 700;
const SELDOM_MS = 10_000;

export function Builds() {
  const may = useMay();
  return (
    <div className="stack">
      <div className="columns">
        <Plan />
        {may("build") && may("see_people") && <Begin />}
      </div>
      <History />
    </div>
  );
}

function Plan() {
  const found = useAsk("GET /api/v1/builds/plan", {}, { staleTime: 5_000 });
  const stale = found.data?.filter((each) => each.status === "stale") ?? [];
  const names = stale.map((each) => each.name);
  return (
    <Panel title="What a build would do" of={found}>
      {stale.length ? (
        <ul className="plain-list">
          {stale.map((each) => (
            <li key={each.name}>
              <strong>{each.name}</strong> <span className="quiet small">{each.why}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="row">
          <span className="good row">
            <Icon name="check" /> Everything is fresh.
          </span>
          <span className="quiet small">{found.data?.length ?? 0} steps were looked at.</span>
        </p>
      )}
      <p className="unseen" role="status">
        {names.length ? `${names.length} steps are stale` : "Everything is fresh"}
      </p>
    </Panel>
  );
}

function Begin() {
  const f = useFormat();
  const say = useSay();
  const queries = useQueryClient();
  const act = useAct("POST /api/v1/builds");
  const found = useAsk("GET /api/v1/builds/underway", {}, { refetchInterval: (query) => (query.state.data?.running ? OFTEN_MS : SELDOM_MS) });
  const state = found.data;
  const wasRunning = useRef(false);
  useEffect(() => {
    if (wasRunning.current && state && !state.running) {
      say(state.failed ? state.failed.what : `Build ${state.build} is done`, state.failed ? "bad" : "good");
      void queries.invalidateQueries();
    }
    wasRunning.current = state?.running ?? false;
  }, [state, say, queries]);
  const begin = (full: boolean) => act.mutate({ body: { full } }, { onSuccess: (next) => queries.setQueryData(["GET /api/v1/builds/underway", {}], next) });
  return (
    <Panel
      title="Build"
      words="Everything stale, in order: sources, people, visits, features, segments. All of it or nothing."
      actions={
        <Button kind="primary" icon="play" busy={act.isPending || Boolean(state?.running)} onClick={() => begin(false)}>
          Build now
        </Button>
      }
    >
      {act.error && <Problem small error={act.error} />}
      {state?.running ? (
        <div className="stack tight" role="status">
          <span>{state.step || "Waiting for its turn"} …</span>
          <progress className="build-progress" {...(state.share === null ? {} : { value: state.share, max: 1 })} aria-label="How far the build is" />
          {state.started_at && <span className="quiet tiny">began {f.ago(state.started_at)}</span>}
        </div>
      ) : state?.failed ? (
        <div className="stack tight">
          <p className="bad">{state.failed.what}</p>
          <p className="quiet small">
            {state.failed.do} <code>{state.failed.code}</code>
          </p>
        </div>
      ) : (
        <p className="quiet small">{state?.build ? `Build ${state.build} was done ${f.ago(state.ended_at)}.` : "A served project also builds by itself, as its settings say."}</p>
      )}
    </Panel>
  );
}

function History() {
  const f = useFormat();
  const [state, set] = useUrlState({ build: 0 });
  const found = useAsk("GET /api/v1/builds", { query: { limit: 50 } }, { refetchInterval: SELDOM_MS });
  const columns = useMemo<Column<SeenRun>[]>(
    () => [
      { key: "build", header: "Build", number: true, value: (row) => row.build, width: "5rem" },
      { key: "status", header: "Ended", value: (row) => row.status, cell: (row) => <Badge tone={row.status === "done" ? "good" : row.status === "failed" ? "bad" : "info"}>{row.status}</Badge> },
      { key: "started", header: "Began", value: (row) => row.started_at, cell: (row) => <span className="nowrap">{f.time(row.started_at)}</span> },
      { key: "seconds", header: "Took", number: true, value: (row) => row.seconds, cell: (row) => <span className="nowrap">{f.duration(row.seconds)}</span> },
      { key: "as_of", header: "Answers as of", value: (row) => row.as_of, cell: (row) => <span className="nowrap">{f.time(row.as_of)}</span>, minor: true },
      { key: "did", header: "Did", value: (row) => did(row), cell: (row) => <span className="small">{did(row) || <span className="quiet">{row.status === "failed" ? "broke off" : "nothing was stale"}</span>}</span> },
    ],
    [f],
  );
  const chosen = found.data?.find((each) => each.build === state.build);
  return (
    <Panel title="Builds" words="A click on one shows its steps." flush of={found}>
      <DataTable
        caption="Builds"
        columns={columns}
        rows={found.data ?? []}
        rowKey={(row) => String(row.build)}
        onRow={(row) => set({ build: row.build === state.build ? 0 : row.build })}
        rowClass={(row) => (row.build === state.build ? "chosen" : undefined)}
        empty={<Empty icon="play" title="No build yet" command="habitue build" />}
        maxHeight={420}
      />
      {chosen && <Steps run={chosen} />}
    </Panel>
  );
}

function did(run: SeenRun): string {
  return run.steps.filter((each) => each.status !== "fresh").map((each) => each.name).join(", ");
}

function Steps({ run }: { run: SeenRun }) {
  const f = useFormat();
  const longest = Math.max(...run.steps.map((each) => each.seconds), 0.001);
  return (
    <div className="padded">
      <h3>Steps of build {run.build}</h3>
      <table className="table steps">
        <caption className="unseen">Steps of build {run.build}</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Rows
            </th>
            <th scope="col" className="number">
              Took
            </th>
            <th scope="col" className="minor">
              Note
            </th>
          </tr>
        </thead>
        <tbody>
          {run.steps.map((each) => (
            <tr key={each.name}>
              <td>{each.name}</td>
              <td>{each.status}</td>
              <td className="number">{f.number(each.rows)}</td>
              <td className="number">
                <span className="share-cell">
                  {f.duration(each.seconds)}
                  <meter className="share-bar" min={0} max={longest} value={each.seconds} aria-label={f.duration(each.seconds)} />
                </span>
              </td>
              <td className="minor small">{each.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
