/** The records that somebody is made of, what joins them, and deciding about it. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAct, useAsk, type Answer } from "../../api/client";
import type { PersonLink } from "../../api/types.gen";
import { navigate } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { Badge, Button, Dialog, Empty, Field, Input, Panel, Problem, Select, customerAddress, useFormat, useSay } from "../../parts";
import { Graph } from "./Graph";

type Person = Answer<"GET /api/v1/customers/{id}/identity">;

export function Identity({ customer, mayDecide, purposes }: { customer: string; mayDecide: boolean; purposes: Readonly<Record<string, string>> }) {
  const noun = useNoun();
  const may = useMay();
  const [purpose, setPurpose] = useState("");
  const found = useAsk("GET /api/v1/customers/{id}/identity", { path: { id: customer }, query: purpose ? { purpose } : {} });
  const [isMerging, setMerging] = useState(false);
  const [parting, setParting] = useState<readonly string[] | null>(null);
  const records = found.data?.records ?? [];
  const isHidden = purpose && records.every((each) => each.identifiers === null);
  return (
    <div className="stack">
      <Panel
        title={records.length > 1 ? `${records.length} records, one ${noun.one}` : "One record"}
        words="Each circle is a record of a source; a line is what makes two of them one person."
        of={found}
        actions={
          <>
            {may("see_personal") && (
              <Select
                aria-label="Show identifiers for"
                className="purpose-choice"
                value={purpose}
                onChange={setPurpose}
                of={[{ value: "", label: "Identifiers hidden" }, ...Object.entries(purposes).map(([value, label]) => ({ value, label: `Shown for: ${label}` }))]}
              />
            )}
            {mayDecide && (
              <Button small icon="merge" onClick={() => setMerging(true)}>
                Merge with …
              </Button>
            )}
            {mayDecide && records.length > 1 && (
              <Button small icon="undo" onClick={() => setParting([])}>
                Take apart …
              </Button>
            )}
          </>
        }
        foot={isHidden ? <span className="tiny quiet">There is no basis for this purpose: identifiers stay hidden.</span> : purpose ? <span className="tiny quiet">Shown in the clear; this is in the audit log.</span> : undefined}
      >
        {found.data && <Graph person={found.data} />}
      </Panel>
      {found.data && <Records person={found.data} onPart={mayDecide && records.length > 1 ? (record) => setParting([record]) : undefined} />}
      {found.data && <Links links={found.data.links} customer={customer} mayDecide={mayDecide} />}
      <Merge customer={customer} open={isMerging} onClose={() => setMerging(false)} />
      {parting && <TakeApart customer={customer} person={found.data} first={parting} onClose={() => setParting(null)} />}
    </div>
  );
}

function Records({ person, onPart }: { person: Person; onPart?: ((record: string) => void) | undefined }) {
  return (
    <Panel title="Records" flush>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Records">
        <table className="table">
          <caption className="unseen">Records</caption>
          <thead>
            <tr>
              <th scope="col">Record</th>
              <th scope="col">Said by</th>
              <th scope="col">Identifiers</th>
              {onPart && (
                <th scope="col">
                  <span className="unseen">Decide</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {person.records.map((each) => (
              <tr key={each.record}>
                <td className="mono">{each.record}</td>
                <td>{each.sources.join(", ") || "–"}</td>
                <td>
                  {each.identifiers
                    ? Object.entries(each.identifiers).map(([name, values]) => (
                        <div key={name}>
                          <span className="quiet">{name.replaceAll("_", " ")}</span> <span className="clear">{values.join(", ")}</span>
                        </div>
                      ))
                    : Object.entries(each.kinds)
                        .map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`)
                        .join(", ")}
                </td>
                {onPart && (
                  <td className="number">
                    {each.record !== person.customer && (
                      <button type="button" className="link-button" onClick={() => onPart(each.record)}>
                        Somebody else<span className="unseen">: {each.record}</span>
                      </button>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const TONES: Readonly<Record<string, "good" | "info" | "warn" | "bad">> = { link: "good", always: "good", review: "warn", never: "bad" };

function Links({ links, customer, mayDecide }: { links: readonly PersonLink[]; customer: string; mayDecide: boolean }) {
  const f = useFormat();
  const act = useDecision(customer);
  return (
    <Panel title="What joins them" flush>
      {act.error && (
        <div className="padded">
          <Problem small error={act.error} />
        </div>
      )}
      {links.length ? (
        <div className="table-scroll" tabIndex={0} role="region" aria-label="What joins them">
          <table className="table">
            <caption className="unseen">What joins them</caption>
            <thead>
              <tr>
                <th scope="col">Record</th>
                <th scope="col">And</th>
                <th scope="col">By</th>
                <th scope="col">Says</th>
                <th scope="col" className="number">
                  Sure
                </th>
                <th scope="col">Since</th>
                <th scope="col">Who</th>
                {mayDecide && (
                  <th scope="col">
                    <span className="unseen">Decide</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {links.map((each) => (
                <tr key={`${each.left} ${each.right} ${each.rule}`}>
                  <td className="mono">{each.left}</td>
                  <td className="mono">{each.right}</td>
                  <td>{each.rule === "matched" ? "likeness" : each.rule.replaceAll("_", " ")}</td>
                  <td>
                    <Badge tone={TONES[each.state] ?? "info"}>{each.state}</Badge>
                  </td>
                  <td className="number">{f.share(each.probability)}</td>
                  <td className="nowrap">{f.date(each.decided_at)}</td>
                  <td>{each.decided_by}</td>
                  {mayDecide && (
                    <td className="number">
                      {each.decision !== null && (
                        <button type="button" className="link-button" disabled={act.isPending} onClick={() => act.takeApart({ decision: each.decision })}>
                          Take back<span className="unseen"> decision {each.decision}</span>
                        </button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Empty icon="link" title="Nothing joins it with another record" />
      )}
    </Panel>
  );
}

/** Merging and taking apart, and going on to whoever is there afterwards. */
function useDecision(customer: string, onDone?: () => void) {
  const say = useSay();
  const queries = useQueryClient();
  const merge = useAct("POST /api/v1/customers/{id}/merge");
  const unmerge = useAct("POST /api/v1/customers/{id}/unmerge");
  const done = (decided: Answer<"POST /api/v1/customers/{id}/merge">) => {
    const [whole] = decided.merged;
    const [parts] = decided.split;
    say(whole ? `${whole[0]} takes in ${whole.slice(1).join(", ")}` : parts ? `Divided: ${parts.join(", ")}` : "Stored; nobody becomes somebody else by it now");
    onDone?.();
    void queries.invalidateQueries();
    if (whole?.[0] && whole[0] !== customer) navigate(customerAddress(whole[0], { tab: "identity" }), { replace: true });
  };
  return {
    isPending: merge.isPending || unmerge.isPending,
    error: merge.error ?? unmerge.error,
    merge: (other: string) => merge.mutate({ path: { id: customer }, body: { other } }, { onSuccess: done }),
    takeApart: (body: { records?: string[]; decision?: number | null }) => unmerge.mutate({ path: { id: customer }, body }, { onSuccess: done }),
  };
}

function Merge({ customer, open, onClose }: { customer: string; open: boolean; onClose: () => void }) {
  const noun = useNoun();
  const [other, setOther] = useState("");
  const act = useDecision(customer, onClose);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Merge with another ${noun.one}`}
      words="They are one from then on, for good: no rule and no new data parts them. You can take it back; features, segments with their dates and consents then are as they would have been."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="merge" busy={act.isPending} disabled={!other.trim()} onClick={() => act.merge(other.trim())}>
            Merge
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="With" hint="An id, user_id:77, email:ann@example.com">
          {(control) => <Input {...control} value={other} onChange={setOther} maxLength={300} autoFocus />}
        </Field>
        {act.error && <Problem small error={act.error} />}
      </div>
    </Dialog>
  );
}

function TakeApart({ customer, person, first, onClose }: { customer: string; person: Person | undefined; first: readonly string[]; onClose: () => void }) {
  const [records, setRecords] = useState<readonly string[]>(first);
  const act = useDecision(customer, onClose);
  const others = person?.records.filter((each) => each.record !== customer) ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      title="Take apart"
      words="Choose the records that are somebody else, for good; with none chosen, the newest merge is taken back."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="undo" busy={act.isPending} onClick={() => act.takeApart(records.length ? { records: [...records] } : {})}>
            {records.length ? `Part ${records.length} ${records.length === 1 ? "record" : "records"}` : "Take back the newest merge"}
          </Button>
        </>
      }
    >
      <div className="stack">
        <div className="check-grid">
          {others.map((each) => (
            <label key={each.record} className="check">
              <input type="checkbox" checked={records.includes(each.record)} onChange={(event) => setRecords(event.target.checked ? [...records, each.record] : records.filter((one) => one !== each.record))} />
              <span>
                <span className="mono">{each.record}</span> <span className="quiet tiny">{each.sources.join(", ")}</span>
              </span>
            </label>
          ))}
        </div>
        {act.error && <Problem small error={act.error} />}
      </div>
    </Dialog>
  );
}
