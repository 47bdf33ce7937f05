/** Before a rule counts: who would enter, who would leave, and what is said of it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, ProblemError, type Answer } from "../../api/client";
import { navigate } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, Button, Dialog, Problem, Sentence, Skeleton, usePeople, useFormat, useSay } from "../../parts";
import { sendable } from "./sending";
import type { Doc } from "./useEditor";

type Diff = Answer<"POST /api/v1/segments/diff">;

export function PublishDialog({ doc, draft, onClose, onPublished }: { doc: Doc; draft: string; onClose: () => void; onPublished: () => Promise<void> }) {
  const say = useSay();
  const cache = useQueryClient();
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const diff = useQuery<Diff, ProblemError>({
    queryKey: ["segment diff", doc],
    queryFn: ({ signal }) => ask("POST /api/v1/segments/diff", { body: { tree: sendable(doc.tree) as Record<string, unknown>, segment: doc.name, purpose: doc.purpose } }, signal),
    gcTime: 0,
    retry: false,
  });
  const fault = diff.data?.faults[0];
  const publish = async () => {
    if (!diff.data?.after) return;
    setBusy(true);
    setProblem(null);
    try {
      await onPublished();
      const { label, description, purpose, group, before } = doc;
      await ask("PUT /api/v1/segments/{name}", { path: { name: doc.name }, body: { rule: diff.data.after, label, description, purpose, group, before, draft } });
      await cache.invalidateQueries();
      say(`${label || doc.name} is published`);
      navigate(`/segments/${encodeURIComponent(doc.name)}?fresh=true`);
    } catch (error) {
      setBusy(false);
      if (error instanceof ProblemError) setProblem(error);
      else throw error;
    }
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={doc.before ? `Publish what changed in ${doc.label || doc.name}` : `Publish ${doc.label || doc.name}`}
      words={doc.before ? "It is written into the project's files; comments there stay." : `It is written to segments/${doc.name}.yaml.`}
      footer={
        <>
          <Button onClick={onClose}>Go on editing</Button>
          <Button kind="primary" icon="check" busy={isBusy} disabled={!diff.data?.after || fault !== undefined} onClick={() => void publish()}>
            Publish
          </Button>
        </>
      }
    >
      <div className="stack">
        {problem && <Problem error={problem} />}
        {diff.error ? (
          <Problem error={diff.error} onAgain={() => void diff.refetch()} />
        ) : diff.isPending ? (
          <Skeleton lines={5} />
        ) : fault ? (
          <p className="field-error">
            {fault.what} {fault.do}
          </p>
        ) : (
          <Changes diff={diff.data} />
        )}
      </div>
    </Dialog>
  );
}

function Changes({ diff }: { diff: Diff }) {
  const noun = useNoun();
  const isSame = !diff.is_new && diff.before === diff.after;
  return (
    <>
      <div className="diff-figures">
        <Turn label={`${noun.Many} who enter`} mark="+" size={diff.entering} people={diff.entered} kind="good" />
        {!diff.is_new && <Turn label={`${noun.Many} who leave`} mark="−" size={diff.leaving} people={diff.left} kind="bad" />}
        {!diff.is_new && <Turn label={`${noun.Many} who stay`} mark="=" size={diff.staying} people={[]} kind="flat" />}
      </div>
      <AsOf at={diff.as_of} note={diff.rounded ? "in whole tens" : undefined} />
      {isSame ? (
        <p>The rule stays as it is; only what is said of it changes.</p>
      ) : (
        <div className="columns">
          {!diff.is_new && (
            <div>
              <h3>Until now</h3>
              <Sentence text={diff.words_before} />
            </div>
          )}
          <div>
            <h3>{diff.is_new ? "Who is in it" : "From now on"}</h3>
            <Sentence text={diff.words_after} />
          </div>
        </div>
      )}
    </>
  );
}

function Turn({ label, mark, size, people, kind }: { label: string; mark: string; size: number | null; people: readonly string[]; kind: string }) {
  const f = useFormat();
  const show = usePeople();
  const sees = useMay()("see_people");
  return (
    <div className={`diff-figure ${size === 0 ? "flat" : kind}`}>
      <span className="diff-number figures">
        {size === null ? "few" : `${size > 0 && mark !== "=" ? mark : ""}${f.number(size)}`}
      </span>
      <span className="quiet small">{label}</span>
      {sees && people.length > 0 && (
        <button type="button" className="link-button small" onClick={() => show({ title: label, count: size, words: people.length < (size ?? 0) ? `the first ${people.length}` : undefined, fetch: () => Promise.resolve({ customers: people, next_cursor: null }) })}>
          See them
        </button>
      )}
    </div>
  );
}
