import { useQuery } from "@tanstack/react-query";
import type { ProblemError } from "../api/client";
import type { MarkRule } from "../api/types.gen";
import { useMay, useNoun } from "../app/session";
import { ButtonLink } from "./Button";
import { useFormat } from "./format";

interface Keeping {
  /** The rule that selects them, where it is known already. */
  rule: string | null | undefined;
  /** Asks for the rule, and for how many it holds. */
  findRule: ((signal: AbortSignal) => Promise<MarkRule | null>) | undefined;
  /** Whether the people themselves are still looked for: they come first. */
  waits?: boolean;
  /** What they are called, for the query's key. */
  about: string;
}

const builder = (rule: string) => `/segments/new?rule=${encodeURIComponent(rule)}`;

/** Keeps the people behind a mark as a segment, where the rule language has words for them. */
export function SaveAsSegment({ rule, findRule, waits = false, about }: Keeping) {
  const may = useMay();
  const found = useQuery<MarkRule | null, ProblemError>({
    queryKey: ["rule behind", about],
    queryFn: ({ signal }) => (findRule ? findRule(signal) : Promise.resolve(null)),
    enabled: !rule && !waits && findRule !== undefined && may("edit_definitions"),
    gcTime: 0,
  });
  if (!may("edit_definitions")) return <span className="quiet small">Your role does not edit segments.</span>;
  if (rule) return <Keep rule={rule} />;
  if (findRule && found.isPending) return <span className="quiet small">Looking for the rule that selects them …</span>;
  if (found.data?.rule) return <Found said={found.data} />;
  const why = found.data?.why_not ?? found.error?.message;
  return (
    <span className="quiet small">
      {why ? `${why} ` : ""}No rule selects exactly these people, so they cannot be kept as a segment; the list can be taken home as CSV.
    </span>
  );
}

function Keep({ rule }: { rule: string }) {
  return (
    <ButtonLink to={builder(rule)} kind="primary" icon="segments">
      Save as segment
    </ButtonLink>
  );
}

function Found({ said }: { said: MarkRule }) {
  const f = useFormat();
  const noun = useNoun();
  return (
    <div className="stack tight grow">
      <p className="small">{said.words}</p>
      {said.differs > 0 && (
        <p className="small warn">
          The rule is near, not the same: it holds for {f.number(said.customers)} {noun.many}, {f.number(said.differs)} of them or of these are different.
        </p>
      )}
      <div className="row">
        <Keep rule={said.rule} />
        {said.moving && (
          <ButtonLink to={builder(said.moving)} icon="clock">
            Save with a window that moves along
          </ButtonLink>
        )}
      </div>
    </div>
  );
}
