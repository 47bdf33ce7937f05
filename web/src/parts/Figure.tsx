import type { ReactNode } from "react";
import { Link } from "../app/router";
import { Icon } from "./Icon";
import { Tooltip } from "./Tooltip";
import { useFormat } from "./format";

/** How much something changed: an arrow, a sign and a colour say the same. `change` is a share: 0.12 is +12 %. */
export function Delta({ change, good = "up", against = "the period before", before }: { change: number | null | undefined; good?: "up" | "down" | "nothing" | ""; against?: string; before?: string }) {
  const f = useFormat();
  if (change === null || change === undefined) return null;
  const isUp = change > 0;
  const flat = Math.abs(change) < 0.0005;
  const kind = flat || !good || good === "nothing" ? "flat" : isUp === (good === "up") ? "good" : "bad";
  const told = `${f.change(change)} against ${against}${before ? ` (${before})` : ""}`;
  return (
    <Tooltip text={told}>
      <span className={`delta ${kind}`} tabIndex={0}>
        <span aria-hidden="true">{flat ? "→" : isUp ? "↑" : "↓"}</span> {f.change(change)}
        <span className="unseen"> against {against}</span>
      </span>
    </Tooltip>
  );
}

interface FigureProps {
  label: string;
  value: ReactNode;
  delta?: ReactNode;
  /** Under the value: what it is out of, the period before. */
  words?: ReactNode;
  /** A small chart. */
  children?: ReactNode;
  /** What it means; shown behind a question mark. */
  definition?: string;
  /** Where more of it is. */
  to?: string;
  live?: boolean;
}

/** One number that matters, with what it means. */
export function Figure({ label, value, delta, words, children, definition, to, live }: FigureProps) {
  return (
    <article className="figure">
      <header className="figure-head">
        <h3 title={label}>{to ? <Link to={to}>{label}</Link> : label}</h3>
        {live && <Live />}
        {definition && (
          <Tooltip text={definition}>
            <button type="button" className="figure-help" aria-label={`${label}: ${definition}`}>
              <Icon name="help" size={14} />
            </button>
          </Tooltip>
        )}
      </header>
      <div className="figure-value figures">{value}</div>
      {(delta || words) && (
        <div className="figure-words quiet tiny">
          {delta}
          {words && <span>{words}</span>}
        </div>
      )}
      {children}
    </article>
  );
}

/** Says that a number moves while you look. */
export function Live({ label = "live" }: { label?: string }) {
  return (
    <span className="live">
      <span className="live-dot" aria-hidden="true" />
      {label}
    </span>
  );
}

/** As of when an answer holds, and how exact it is. */
export function AsOf({ at, exact = true, note }: { at?: string | null | undefined; exact?: boolean | null; note?: ReactNode }) {
  const f = useFormat();
  return (
    <span className="as-of tiny quiet">
      {at && (
        <>
          as of <time dateTime={at}>{f.time(at)}</time>
        </>
      )}
      {exact !== null && <span className={exact ? "badge" : "badge warn"}>{exact ? "exact" : "estimate"}</span>}
      {note}
    </span>
  );
}

/** A word that says a state; `tone` only underlines it. */
export function Badge({ tone = "plain", children }: { tone?: "plain" | "good" | "bad" | "warn" | "info" | "accent"; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}
