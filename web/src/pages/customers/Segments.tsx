/** Where somebody stands in every segment, since when, until when, and why. */

import { Fragment, useState } from "react";
import { useAsk } from "../../api/client";
import type { LeafProof, SegmentStanding } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { AsOf, Badge, Choice, Empty, Icon, Panel, Problem, Sentence, Skeleton, useFormat } from "../../parts";

type Which = "in" | "out" | "all";
const WHICH = [
  { value: "in", label: "In" },
  { value: "out", label: "Not in" },
  { value: "all", label: "All" },
] as const;

export function Segments({ customer }: { customer: string }) {
  const found = useAsk("GET /api/v1/customers/{id}/standing", { path: { id: customer } });
  const [state, set] = useUrlState({ which: "in" as Which, why: "" });
  const which = state.which as Which;
  const rows = (found.data?.segments ?? []).filter((each) => which === "all" || each.member === (which === "in"));
  return (
    <Panel
      title="Segments"
      actions={<Choice label="Which segments" value={which} of={WHICH} onChange={(next) => set({ which: next })} />}
      of={found}
      foot={found.data && <AsOf at={found.data.as_of} />}
      flush
    >
      {rows.length ? (
        <div className="table-scroll" tabIndex={0} role="region" aria-label="Segments">
          <table className="table">
            <caption className="unseen">Segments</caption>
            <thead>
              <tr>
                <th scope="col">Segment</th>
                <th scope="col">Stands</th>
                <th scope="col">Since</th>
                <th scope="col">Until</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((each) => (
                <Line key={each.segment} customer={customer} standing={each} isOpen={state.why === each.segment} onWhy={() => set({ why: state.why === each.segment ? "" : each.segment })} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Empty icon="segments" title={which === "in" ? "In no segment now" : "In every segment"}>
          Choose All to see where they stand in each, and why.
        </Empty>
      )}
    </Panel>
  );
}

function Line({ customer, standing, isOpen, onWhy }: { customer: string; standing: SegmentStanding; isOpen: boolean; onWhy: () => void }) {
  const f = useFormat();
  const id = `why-${standing.segment}`;
  return (
    <Fragment>
      <tr>
        <td>
          <Link to={`/segments/${encodeURIComponent(standing.segment)}`}>{standing.label || standing.segment}</Link>
          {standing.purpose && <span className="quiet tiny"> for {standing.purpose.replaceAll("_", " ")}</span>}
        </td>
        <td>
          <Badge tone={standing.member ? "good" : "plain"}>{standing.member ? "in" : "not in"}</Badge>
        </td>
        <td className="nowrap">{standing.since ? f.time(standing.since) : <span className="quiet">always so far</span>}</td>
        <td className="nowrap">{standing.changes_at ? <span title={f.time(standing.changes_at)}>{`${standing.member ? "leaves" : "enters"} ${f.ago(standing.changes_at)}`}</span> : <span className="quiet">stays</span>}</td>
        <td>
          <button type="button" className="link-button" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={onWhy}>
            {isOpen ? "Close" : "Why"}
            <span className="unseen"> {standing.label || standing.segment}</span>
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr id={id} className="why-row">
          <td colSpan={5}>
            <Why customer={customer} segment={standing.segment} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** Each part of the rule, true or false, with what it is made of. */
export function Why({ customer, segment }: { customer: string; segment: string }) {
  const found = useAsk("GET /api/v1/customers/{id}/explain", { path: { id: customer }, query: { segment } });
  if (found.error) return <Problem small error={found.error} />;
  if (!found.data) return <Skeleton lines={3} />;
  return (
    <div className="stack tight why">
      <Sentence text={found.data.words} />
      <ul className="leaves">
        {found.data.leaves.map((leaf) => (
          <Leaf key={leaf.rule} leaf={leaf} />
        ))}
      </ul>
    </div>
  );
}

const FIRST = 3;

function Leaf({ leaf }: { leaf: LeafProof }) {
  const f = useFormat();
  const [isAll, setAll] = useState(false);
  const isFigure = typeof leaf.value !== "boolean";
  const events = isAll ? leaf.events : leaf.events.slice(0, FIRST);
  return (
    <li className={leaf.holds ? "leaf holds" : "leaf fails"}>
      <span className="leaf-mark">
        <Icon name={leaf.holds ? "check" : "close"} size={14} />
        <span className="unseen">{leaf.holds ? "true" : "false"}</span>
      </span>
      <div className="grow">
        <div>
          {leaf.words}
          {isFigure && leaf.value !== null && <strong className="figures"> {leaf.kind === "money" ? f.money(leaf.value as number) : typeof leaf.value === "number" ? f.number(leaf.value) : String(leaf.value)}</strong>}
        </div>
        <div className="quiet tiny">
          {leaf.since && <>since {f.time(leaf.since)} </>}
          {leaf.changes_at && <>· changes {f.ago(leaf.changes_at)} if nothing happens </>}
          {leaf.event_count > 0 && <>· {f.number(leaf.event_count)} events </>}
        </div>
        {events.length > 0 && (
          <ul className="quiet tiny">
            {events.map((each) => (
              <li key={`${each.event} ${each.occurred_at}`}>
                {each.event}, {f.time(each.occurred_at)}
              </li>
            ))}
          </ul>
        )}
        {leaf.events.length > FIRST && !isAll && (
          <button type="button" className="link-button tiny" onClick={() => setAll(true)}>
            All {leaf.events.length}
          </button>
        )}
      </div>
    </li>
  );
}
