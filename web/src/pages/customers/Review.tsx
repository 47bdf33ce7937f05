/** Pairs of records that may be one person, for somebody to say. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAct, useAsk } from "../../api/client";
import type { SeenPair } from "../../api/types.gen";
import { Link } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { Badge, Button, Empty, Icon, Panel, Problem, Select, customerAddress, useFormat, useSay } from "../../parts";

export function Review() {
  const may = useMay();
  const [purpose, setPurpose] = useState("");
  const known = useAsk("GET /api/v1/vocabulary", {}, { staleTime: 300_000 });
  const pairs = useAsk("GET /api/v1/identity/review", { query: { limit: 20, purpose: purpose || undefined } });
  const withheld = purpose ? (pairs.data?.filter((each) => each.hidden).length ?? 0) : 0;
  return (
    <Panel
      title="Is this one person?"
      words="Likeness alone does not settle these. Your answer holds for good: no rule and no new data undoes it; you can take it back on the page of the person."
      of={pairs}
      actions={
        may("see_personal") && (
          <Select
            aria-label="Show what they say for"
            className="purpose-choice"
            value={purpose}
            onChange={setPurpose}
            of={[{ value: "", label: "Values hidden" }, ...(known.data?.purposes ?? []).map((each) => ({ value: each.name, label: `Shown for: ${each.label || each.name}` }))]}
          />
        )
      }
      foot={purpose && <span className="tiny quiet">Shown in the clear; this is in the audit log.{withheld > 0 && ` Of ${withheld} pairs there is no basis for this purpose: they stay hidden.`}</span>}
    >
      {pairs.data?.length ? (
        <ul className="pairs">
          {pairs.data.map((pair) => (
            <Pair key={`${pair.left} ${pair.right}`} pair={pair} />
          ))}
        </ul>
      ) : (
        <Empty icon="check" title="Nothing to review">
          No two records lie between the thresholds of matching.
        </Empty>
      )}
    </Panel>
  );
}

function Pair({ pair }: { pair: SeenPair }) {
  const f = useFormat();
  const noun = useNoun();
  const say = useSay();
  const queries = useQueryClient();
  const answer = useAct("POST /api/v1/identity/review");
  const decide = (same: boolean) =>
    answer.mutate(
      { body: { left: pair.left, right: pair.right, same } },
      {
        onSuccess: () => {
          say(same ? `They are one ${noun.one} now` : "They stay two, for good");
          void queries.invalidateQueries();
        },
      },
    );
  return (
    <li className="pair">
      <div className="row apart">
        <Badge tone="info">{f.share(pair.probability, 0)} sure</Badge>
        <div className="row">
          <Button small icon="merge" busy={answer.isPending} onClick={() => decide(true)}>
            One {noun.one}
          </Button>
          <Button small busy={answer.isPending} onClick={() => decide(false)}>
            Two
          </Button>
        </div>
      </div>
      {answer.error && <Problem small error={answer.error} />}
      <table className="pair-table">
        <caption className="unseen">What both records say</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">What</span>
            </th>
            <th scope="col">
              <Link to={customerAddress(pair.left_person)} className="mono">
                {pair.left}
              </Link>
            </th>
            <th scope="col">
              <Link to={customerAddress(pair.right_person)} className="mono">
                {pair.right}
              </Link>
            </th>
            <th scope="col">
              <span className="unseen">Same</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(pair.traits).map(([name, said]) => (
            <tr key={name}>
              <th scope="row">{name.replaceAll("_", " ")}</th>
              <td>{said.left ?? (pair.hidden && said.same !== null ? "hidden" : f.none)}</td>
              <td>{said.right ?? (pair.hidden && said.same !== null ? "hidden" : f.none)}</td>
              <td>{said.same === true ? <span className="good"><Icon name="check" size={14} /> same</span> : said.same === false ? <span className="quiet">differs</span> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </li>
  );
}
