import { createContext, useContext, type ReactNode } from "react";
import type { Basis } from "../api/firstLook";
import { useNoun } from "../app/session";
import { Button } from "./Button";
import { Icon } from "./Icon";
import { useFormat } from "./format";

const Note = createContext("");

/** What a file that somebody takes home has to say of its figures; empty where they are exact. */
export function useNote(): string {
  return useContext(Note);
}

/** Figures with a line above them that says when they are an estimate, for who sees it and who listens; files say it too. */
export function Based({ on, children }: { on: Basis | null; children: ReactNode }) {
  const said = useSaid(on);
  return (
    <Note.Provider value={on?.isEstimate ? said : ""}>
      <p className={on?.isEstimate && !on.problem ? "based counting" : "based"} role="status">
        {on && (
          <>
            <Icon name={on.isEstimate ? "clock" : "check"} size={14} />
            <span>
              {on.isEstimate && <strong>Estimate</strong>}
              {on.isEstimate ? said.replace(/^Estimate/, "") : said}
              {on.isEstimate && (on.problem ? `. The exact figures could not be counted: ${on.problem.message}` : "; exact figures follow")}
            </span>
            {on.problem && (
              <Button small kind="quiet" icon="refresh" onClick={on.again}>
                Count again
              </Button>
            )}
          </>
        )}
      </p>
      {children}
    </Note.Provider>
  );
}

function useSaid(on: Basis | null): string {
  const f = useFormat();
  const noun = useNoun();
  if (!on) return "";
  const { lookedAt, everybody } = on;
  if (!on.isEstimate) return everybody === null ? `Exact: all ${noun.many} were counted` : `Exact: all ${f.number(everybody)} ${noun.many} were counted`;
  if (lookedAt === null || everybody === null) return `Estimate from some of the ${noun.many}`;
  return `Estimate from ${f.number(lookedAt)} of ${f.number(everybody)} ${noun.many}`;
}
