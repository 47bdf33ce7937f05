/** What people asked for: everything known of them, or to be erased; first what would go, then the order. */

import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ask, useAsk, type ProblemError } from "../../api/client";
import type { Erasure, SeenRequest, StoreErased } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { Badge, Button, Check, DataTable, Empty, Field, Input, Panel, Problem, customerAddress, download, useFormat, useSay, type Column } from "../../parts";

const SOON_MS = 7 * 86_400_000;

export function Requests() {
  const found = useAsk("GET /api/v1/privacy/requests", {}, { staleTime: 5_000 });
  const f = useFormat();
  const recipients = found.data?.recipients ?? [];
  const columns = useMemo(() => columnsOf(f), [f]);
  return (
    <div className="stack">
      <div className="columns">
        <Erase />
        <Export />
      </div>
      <Panel title="Requests" flush of={found}>
        <DataTable
          caption="Requests"
          columns={columns}
          rows={found.data?.requests ?? []}
          rowKey={(row) => `${row.request_id} ${row.kind} ${row.asked_at} ${row.subjects[0]}`}
          empty={
            <Empty icon="privacy" title="Nobody asked for anything yet">
              When somebody wants their data, or wants it gone, look them up above by what they write: an e-mail address, a customer number.
            </Empty>
          }
        />
      </Panel>
      <Panel title="Who was given data" words="Whoever is erased later, these have to be told." of={found}>
        {recipients.length ? (
          <ul className="plain-list">
            {recipients.map((each) => (
              <li key={`${each.kind} ${each.target} ${each.what}`} className="row">
                <Badge>{each.kind}</Badge> <strong>{each.target}</strong> <span>{each.what}</span> <span className="quiet tiny">{f.time(each.given_at)}</span>
              </li>
            ))}
          </ul>
        ) : (
          <p className="quiet">Nobody: nothing was exported or sent.</p>
        )}
      </Panel>
    </div>
  );
}

function columnsOf(f: ReturnType<typeof useFormat>): Column<SeenRequest>[] {
  return [
    { key: "asked", header: "Asked", value: (row) => row.asked_at, cell: (row) => f.time(row.asked_at) },
    { key: "kind", header: "For", value: (row) => row.kind, cell: (row) => <Badge tone={row.kind === "erase" ? "warn" : "info"}>{row.kind}</Badge> },
    {
      key: "subjects",
      header: "About",
      value: (row) => row.subjects.join(" "),
      cell: (row) => (
        <span className="used-by">
          {row.subjects.map((each) =>
            row.kind === "erase" && row.state === "done" ? (
              <span key={each} className="mono tiny">
                {each}
              </span>
            ) : (
              <Link key={each} to={customerAddress(each)} className="mono tiny">
                {each}
              </Link>
            ),
          )}
        </span>
      ),
    },
    { key: "state", header: "State", value: (row) => row.state, cell: (row) => <State row={row} /> },
    { key: "done", header: "Done", value: (row) => row.done_at, cell: (row) => f.time(row.done_at), minor: true },
    { key: "actor", header: "By", value: (row) => row.actor, minor: true },
    { key: "proof", header: "Proof", value: (row) => row.proof, cell: (row) => <span className="small">{row.proof || "–"}</span> },
    { key: "request", header: "Order", value: (row) => row.request_id, cell: (row) => <span className="mono tiny">{row.request_id.slice(0, 12) || "–"}</span>, minor: true },
  ];
}

function State({ row }: { row: SeenRequest }) {
  const f = useFormat();
  if (row.state === "done") return <Badge tone="good">done</Badge>;
  const left = new Date(row.due_at).getTime() - Date.now();
  return <Badge tone={left < SOON_MS ? "bad" : "warn"}>open, due {f.ago(row.due_at)}</Badge>;
}

function Erase() {
  const f = useFormat();
  const noun = useNoun();
  const say = useSay();
  const queries = useQueryClient();
  const [state, set] = useUrlState({ erase: "" });
  const [wanted, setWanted] = useState<string | null>(null);
  const [plan, setPlan] = useState<Erasure | null>(null);
  const [isSure, setSure] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ProblemError | null>(null);
  const customer = (wanted ?? state.erase).trim();
  const order = async (dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const done = await ask("POST /api/v1/privacy/erase", { body: { customers: dryRun ? [customer] : [...(plan?.subjects ?? [customer])], dry_run: dryRun } });
      setPlan(done);
      setSure(false);
      if (!dryRun) {
        say(`${noun.One} ${done.state}`);
        set({ erase: "" });
        setWanted("");
        void queries.invalidateQueries();
      }
    } catch (problem) {
      setError(problem as ProblemError);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Erase somebody" words="For good, everywhere: the key is destroyed, every row made from them goes, and the same files cannot bring them back.">
      <div className="stack">
        <form
          className="ask-for"
          onSubmit={(event) => {
            event.preventDefault();
            if (customer) void order(true);
          }}
        >
          <Field label="Whom" hint="An id, user_id:42, email:ann@example.com">
            {(control) => (
              <Input
                {...control}
                value={wanted ?? state.erase}
                maxLength={300}
                onChange={(value) => {
                  setWanted(value);
                  setPlan(null);
                }}
              />
            )}
          </Field>
          <Button submits busy={isBusy && !plan} disabled={!customer}>
            See what would go
          </Button>
        </form>
        {error && <Problem error={error} />}
        {plan && (
          <div className="stack tight" role="status">
            <p>
              <Badge tone={plan.state === "erased" ? "good" : "warn"}>{plan.state}</Badge> <span className="mono">{plan.subjects.join(", ")}</span>
            </p>
            <Stores stores={plan.stores} />
            {plan.recipients.length > 0 && <p className="small">To be told: {plan.recipients.map((each) => `${each.target} (${each.what})`).join(", ")}.</p>}
            {plan.models.length > 0 && <p className="small">To be trained anew: {plan.models.map((each) => `${each.model} by ${f.date(each.retrain_by)}`).join(", ")}.</p>}
            {plan.state === "would be erased" && (
              <>
                <Check label="It cannot be taken back, and I am sure" checked={isSure} onChange={setSure} />
                <div className="row">
                  <Button kind="danger" icon="trash" busy={isBusy} disabled={!isSure} onClick={() => void order(false)}>
                    Erase for good
                  </Button>
                  <Button kind="quiet" onClick={() => setPlan(null)}>
                    Leave it
                  </Button>
                </div>
              </>
            )}
            {plan.request_id && (
              <p className="quiet small">
                Order <span className="mono">{plan.request_id}</span>; the audit log has it too.
              </p>
            )}
          </div>
        )}
      </div>
    </Panel>
  );
}

function Stores({ stores }: { stores: readonly StoreErased[] }) {
  const f = useFormat();
  const [isAll, setAll] = useState(false);
  const shown = isAll ? stores : stores.filter((each) => each.rows > 0);
  return (
    <>
      <div className="table-scroll what-goes" tabIndex={0} role="region" aria-label="What goes">
        <table className="table">
          <caption className="unseen">What goes</caption>
          <thead>
            <tr>
              <th scope="col">Store</th>
              <th scope="col" className="number">
                Rows
              </th>
              <th scope="col">How that is known</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <tr key={each.store}>
                <td>{each.store}</td>
                <td className="number">{f.number(each.rows)}</td>
                <td className="small">{each.proof}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {stores.length > shown.length && (
        <button type="button" className="link-button" onClick={() => setAll(true)}>
          And {stores.length - shown.length} stores without a row of theirs
        </button>
      )}
    </>
  );
}

function Export() {
  const say = useSay();
  const queries = useQueryClient();
  const may = useMay();
  const [wanted, setWanted] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ProblemError | null>(null);
  const give = async () => {
    const id = wanted.trim();
    if (!id) return;
    setBusy(true);
    setError(null);
    try {
      const response = (await ask("POST /api/v1/customers/{id}/export", { path: { id } })) as unknown as Response;
      download("customer.zip", await response.blob());
      say("Everything known of them is in the file; this is in the audit log");
      void queries.invalidateQueries({ queryKey: ["GET /api/v1/privacy/requests"] });
    } catch (problem) {
      setError(problem as ProblemError);
    } finally {
      setBusy(false);
    }
  };
  if (!may("manage_privacy")) return null;
  return (
    <Panel title="Export everything of somebody" words="JSON and CSV in one archive: what sources said, what was worked out, consents, and where it was given to.">
      <div className="stack">
        <form
          className="ask-for"
          onSubmit={(event) => {
            event.preventDefault();
            void give();
          }}
        >
          <Field label="Whose" hint="An id, user_id:42, email:ann@example.com">
            {(control) => <Input {...control} value={wanted} onChange={setWanted} maxLength={300} />}
          </Field>
          <Button submits icon="download" busy={isBusy} disabled={!wanted.trim()}>
            Export
          </Button>
        </form>
        {error && <Problem error={error} />}
      </div>
    </Panel>
  );
}
