import { Fragment, type ReactNode } from "react";
import { Link, useTitle } from "../app/router";
import { Icon } from "./Icon";

interface PageProps {
  title: string;
  /** One line below the title. */
  words?: ReactNode;
  /** The way here, from above: `[{ to: "/segments", label: "Segments" }]`. */
  from?: readonly { to: string; label: string }[];
  /** Buttons beside the title. */
  actions?: ReactNode;
  /** Beside the title: a badge, a state. */
  mark?: ReactNode;
  children: ReactNode;
}

/** The frame of every page: its title is the only `h1`. */
export function Page({ title, words, from = [], actions, mark, children }: PageProps) {
  useTitle(title);
  return (
    <div className="page">
      <header className="page-head">
        <div className="grow">
          {from.length > 0 && (
            <nav className="crumbs" aria-label="Where this is">
              {from.map((each) => (
                <Fragment key={each.to}>
                  <Link to={each.to}>{each.label}</Link>
                  <Icon name="right" size={12} />
                </Fragment>
              ))}
            </nav>
          )}
          <div className="page-title">
            <h1>{title}</h1>
            {mark}
          </div>
          {words && <div className="page-words">{words}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      <div className="page-body">{children}</div>
    </div>
  );
}
