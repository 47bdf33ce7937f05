/** Beside the rule: how many, in words, and for whom it may be used. */

import { AsOf, Badge, Panel, Problem, Sentence, useFormat } from "../../parts";
import { useNoun } from "../../app/session";
import type { Doc } from "./useEditor";
import type { Reach, Sizing } from "./useSizing";
import { useVocabulary } from "./vocabulary";

export function SizePanel({ sizing, doc }: { sizing: Sizing; doc: Doc }) {
  const { size, isOld, isCounting, problem } = sizing;
  const f = useFormat();
  const noun = useNoun();
  const words = useVocabulary();
  const shown = size?.with_basis ?? size?.customers;
  const isHidden = size !== null && size.rule !== "" && shown === null;
  const share = size?.of && shown !== null && shown !== undefined ? shown / size.of : null;
  const purpose = words.purposes.find((each) => each.name === doc.purpose);
  return (
    <Panel
      title="Size"
      foot={size?.rule ? <AsOf at={size.as_of} exact={!size.is_estimate} note={isCounting ? "counting everybody …" : size.rounded ? "in whole tens" : undefined} /> : undefined}
    >
      {problem ? (
        <Problem error={problem} />
      ) : (
        <div className={isOld ? "builder-size old" : "builder-size"} aria-live="polite" aria-busy={isOld || isCounting}>
          <p className="builder-size-number figures">
            {!size?.rule ? "–" : isHidden ? "few" : `${size.is_estimate ? "≈ " : ""}${f.number(shown)}`}
            <span className="quiet small"> {size?.of ? `of ${f.number(size.of)} ${noun.many}` : noun.many}</span>
          </p>
          <svg className="builder-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect className="all" width="100" height="6" />
            <rect className="some" width={share ? Math.max(1, share * 100) : 0} height="6" />
          </svg>
          <p className="small quiet">
            {!size?.rule
              ? "Add a condition to see how many it holds for."
              : isHidden
                ? `Fewer than ten, or too close to another figure to be shown to your role.`
                : size.is_estimate && size.low !== null && size.high !== null
                  ? `${f.share(share)} · between ${f.number(size.low)} and ${f.number(size.high)}, 19 times in 20; ${f.number(size.looked_at)} looked at`
                  : f.share(share)}
          </p>
          {size && doc.purpose && size.customers !== null && size.with_basis !== null && (
            <p className="small">
              {size.customers === size.with_basis
                ? `All of them have a basis for “${purpose?.label || doc.purpose}”.`
                : `The rule holds for ${f.number(size.customers)}; ${f.number(size.customers - size.with_basis)} of them have no basis for “${purpose?.label || doc.purpose}” and stay out.`}
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}

export function WordsPanel({ sizing }: { sizing: Sizing }) {
  const noun = useNoun();
  return (
    <Panel title="In words">
      <div aria-live="polite">
        <Sentence text={sizing.size?.words || `${noun.Many} who …`} large />
      </div>
    </Panel>
  );
}

/** How many have a basis for each purpose, and a way to be reached. */
export function ReachPanel({ reach, doc }: { reach: Reach | null; doc: Doc }) {
  const f = useFormat();
  const noun = useNoun();
  if (!reach?.purposes.length) return null;
  const mark = reach.is_estimate ? "≈ " : "";
  const own = reach.purposes.filter((each) => each.purpose === doc.purpose);
  const others = reach.purposes.filter((each) => each.purpose !== doc.purpose);
  return (
    <Panel title="May be used for" words={`How many of these ${noun.many} have a basis for it now.`}>
      <ul className="builder-reach">
        {[...own, ...others].map((each) => {
          const share = reach.customers && each.customers !== null ? each.customers / reach.customers : 0;
          return (
            <li key={each.purpose}>
              <div className="builder-reach-line">
                <span className="grow">
                  {each.label || each.purpose} {each.purpose === doc.purpose && <Badge tone="accent">its purpose</Badge>}
                </span>
                <span className="figures nowrap">
                  {each.customers === null ? "few" : `${mark}${f.number(each.customers)}`} {each.customers !== null && reach.customers ? <span className="quiet small">{f.share(share, 0)}</span> : null}
                </span>
              </div>
              <svg className="builder-bar thin" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect className="all" width="100" height="4" />
                <rect className="some" width={Math.min(100, share * 100)} height="4" />
              </svg>
              {each.marketing && each.ways.some((way) => way.customers !== null) && (
                <p className="tiny quiet">reachable by {each.ways.map((way) => `${way.way} ${way.customers === null ? "few" : f.number(way.customers)}`).join(" · ")}</p>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
