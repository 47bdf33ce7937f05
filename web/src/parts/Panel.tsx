import { useId, type ReactNode } from "react";
import type { ProblemError } from "../api/client";
import { Skeleton } from "./Loading";
import { Problem } from "./Problem";

interface PanelProps {
  title?: string;
  words?: ReactNode;
  /** Beside the title. */
  actions?: ReactNode;
  /** What is below the content: as of when, how exact. */
  foot?: ReactNode;
  /** Its content reaches the edges: tables. */
  flush?: boolean;
  /** Of the query that fills it: a skeleton while it loads, the problem where it fails. */
  of?: { isPending: boolean; error: ProblemError | null; refetch?: () => unknown; isFetching?: boolean };
  /** The height that its skeleton keeps. */
  height?: number;
  className?: string;
  children?: ReactNode;
}

/** A surface with a heading; a page is made of these. */
export function Panel({ title, words, actions, foot, flush, of, height, className, children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel${flush ? " flush" : ""}${className ? ` ${className}` : ""}`} aria-labelledby={title ? id : undefined} aria-busy={of?.isFetching || undefined}>
      {(title || actions) && (
        <header className="panel-head">
          <div className="grow">
            {title && <h2 id={id}>{title}</h2>}
            {words && <div className="quiet small">{words}</div>}
          </div>
          {actions && <div className="row">{actions}</div>}
        </header>
      )}
      <div className="panel-body">
        {of?.error ? (
          <Problem error={of.error} {...(of.refetch ? { onAgain: () => void of.refetch?.() } : {})} />
        ) : of?.isPending ? (
          <Skeleton {...(height ? { height } : { lines: 4 })} />
        ) : (
          children
        )}
      </div>
      {foot && <footer className="panel-foot">{foot}</footer>}
    </section>
  );
}
