import { createContext, use } from "react";
import { Tooltip, useFormat } from "../../parts";
import { useNoun } from "../../app/session";
import { written, type Path } from "./tree";

export interface Counts {
  /** By path; null is hidden from the role. */
  parts: ReadonlyMap<string, number | null>;
  of: number | null;
  isEstimate: boolean;
  /** An older answer is shown while the next one is on its way. */
  isOld: boolean;
}

export const CountsContext = createContext<Counts | null>(null);

/** For how many one part of a rule holds by itself: a number, and a bar as long as its share. */
export function PartCount({ path }: { path: Path }) {
  const counts = use(CountsContext);
  const noun = useNoun();
  const f = useFormat();
  const key = written(path);
  if (!counts || !counts.parts.has(key)) return <span className="rule-count" aria-hidden="true" />;
  const size = counts.parts.get(key);
  const share = size === null || size === undefined || !counts.of ? 0 : Math.min(1, size / counts.of);
  const told = size === null || size === undefined ? `Too few ${noun.many} to show to your role` : `${counts.isEstimate ? "about " : ""}${f.number(size)} ${noun.many} by itself, ${f.share(share)}`;
  return (
    <Tooltip text={told}>
      <span className={counts.isOld ? "rule-count old" : "rule-count"} tabIndex={0}>
        <span className="figures" aria-hidden="true">
          {size === null || size === undefined ? "few" : `${counts.isEstimate ? "≈ " : ""}${f.compact(size)}`}
        </span>
        <span className="unseen">{told}</span>
        <svg className="rule-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect className="all" width="100" height="4" />
          <rect className="some" width={share > 0 ? Math.max(2, share * 100) : 0} height="4" />
        </svg>
      </span>
    </Tooltip>
  );
}
