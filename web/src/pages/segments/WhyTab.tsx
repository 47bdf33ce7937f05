import { useState } from "react";
import { useAsk } from "../../api/client";
import { Link, useUrlState } from "../../app/router";
import { useNoun } from "../../app/session";
import { AsOf, Badge, Button, customerAddress, Field, Icon, Input, Panel, Sentence, useFormat } from "../../parts";

/** Why somebody is in it or not, part by part. */
export function WhyTab({ name }: { name: string }) {
  const noun = useNoun();
  const f = useFormat();
  const [state, set] = useUrlState({ customer: "" });
  const [typed, setTyped] = useState(state.customer);
  const found = useAsk("GET /api/v1/customers/{id}/explain", { path: { id: state.customer }, query: { segment: name } }, { enabled: state.customer !== "", retry: false });
  const said = found.data;
  return (
    <div className="stack">
      <Panel title={`Why is a ${noun.one} in it, or not?`}>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            set({ customer: typed.trim() });
          }}
        >
          <div className="grow">
            <Field label={`${noun.One}: an id, or NAME:VALUE`} bare>
              {(c) => <Input {...c} icon="person" value={typed} onChange={setTyped} placeholder="c014a70e97ae7bc45 or user_id:42" />}
            </Field>
          </div>
          <Button submits kind="primary" busy={found.isFetching}>
            Explain
          </Button>
        </form>
      </Panel>
      {state.customer && (
        <Panel of={found} height={200} foot={said && <AsOf at={said.as_of} />}>
          {said && (
            <div className="stack tight">
              <p className="row">
                <Badge tone={said.member ? "good" : "plain"}>{said.member ? "is in it" : "is not in it"}</Badge>
                <Link to={customerAddress(said.customer, { segment: name })} className="mono">
                  {said.customer}
                </Link>
                {said.since && <span className="quiet small">since {f.time(said.since)}</span>}
                {said.changes_at && <span className="quiet small">· if nothing happens, that changes {f.time(said.changes_at)}</span>}
              </p>
              <Sentence text={said.words} />
              <ul>
                {said.leaves.map((leaf) => (
                  <li key={leaf.rule} className="segment-leaf">
                    <span className={leaf.holds ? "good" : "bad"}>
                      <Icon name={leaf.holds ? "check" : "close"} />
                      <span className="unseen">{leaf.holds ? "holds" : "does not hold"}</span>
                    </span>
                    <span className="grow">
                      {leaf.words}
                      <span className="quiet small">
                        {" "}
                        · {leaf.value === null ? "no value" : typeof leaf.value === "boolean" ? (leaf.value ? "yes" : "no") : leaf.kind === "duration" ? f.duration(Number(leaf.value) / 1_000_000) : String(leaf.value)}
                        {leaf.event_count > 0 && `, ${leaf.event_count} ${leaf.event_count === 1 ? "event" : "events"}`}
                        {leaf.changes_at && `, changes ${f.date(leaf.changes_at)}`}
                      </span>
                    </span>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </Panel>
      )}
    </div>
  );
}
