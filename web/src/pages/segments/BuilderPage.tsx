/** Making a segment: nested conditions, how many they hold for, who it may be used for; a draft until it is published. */

import { useEffect, useMemo, useState } from "react";
import { ask, ProblemError } from "../../api/client";
import { useParams, useSearch } from "../../app/router";
import { Page, Problem, Skeleton } from "../../parts";
import { Builder } from "./Builder";
import { named } from "./names";
import { rooted } from "./sending";
import { EMPTY, type Doc } from "./useEditor";
import { useVocabularyAnswer, VocabularyContext } from "./vocabulary";
import "./builder.css";
import "./rule.css";
import "./segments.css";

interface Begun {
  doc: Doc;
  draft: { id: string; version: number };
  /** When the draft was saved that this goes on with; null without one. */
  goesOn: string | null;
}

export default function BuilderPage() {
  const { name } = useParams();
  const words = useVocabularyAnswer();
  const [begun, setBegun] = useState<Begun | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const search = useSearch();
  const asked = useMemo(() => new URLSearchParams(search).get("draft") ?? "", [search]);
  useEffect(() => {
    if (begun && (asked === "" || asked === begun.draft.id)) return;
    begin(name ?? "").then(setBegun, (error: unknown) => error instanceof ProblemError && setProblem(error));
    // Another draft in the address is another document.
    // eslint-disable-next-line
  }, [name, asked]);
  const error = problem ?? words.error;
  const from = [{ to: "/segments", label: "Segments" }];
  if (error) {
    return (
      <Page title="Segment" from={from}>
        <Problem error={error} />
      </Page>
    );
  }
  if (!words.data || !begun) {
    return (
      <Page title={name ? "Edit segment" : "New segment"} from={from}>
        <Skeleton height={320} />
      </Page>
    );
  }
  return (
    <VocabularyContext value={words.data}>
      <Builder key={begun.draft.id} first={begun.doc} draft={begun.draft} goesOn={begun.goesOn} />
    </VocabularyContext>
  );
}

/** What to begin with: a draft, a declared segment, a rule that came along in the address, or nothing. */
async function begin(name: string): Promise<Begun> {
  const query = new URLSearchParams(window.location.search);
  const asked = query.get("draft");
  const fresh = { id: crypto.randomUUID(), version: 0 };
  const drafts = await ask("GET /api/v1/segments/drafts");
  const kept = drafts.find((each) => (asked ? each.id === asked : name !== "" && each.segment === name));
  if (kept) {
    const doc = { ...EMPTY, ...(kept.body as Partial<Doc>) };
    return { doc: { ...doc, tree: rooted(doc.tree) }, draft: { id: kept.id, version: kept.version }, goesOn: kept.changed_at };
  }
  if (name) {
    const said = await ask("GET /api/v1/segments/{name}/definition", { path: { name } });
    const { label, description, purpose, group } = said;
    return { doc: { name, label, description, purpose, group, before: said.rule, tree: rooted(said.tree) }, draft: fresh, goesOn: null };
  }
  const copied = query.get("copy");
  if (copied) {
    const said = await ask("GET /api/v1/segments/{name}/definition", { path: { name: copied } });
    const { description, purpose, group } = said;
    return { doc: { ...EMPTY, name: `${copied}_copy`, label: `${said.label || copied} (copy)`, description, purpose, group, tree: rooted(said.tree) }, draft: fresh, goesOn: null };
  }
  const rule = query.get("rule");
  const read = rule ? await ask("POST /api/v1/segments/describe", { body: { rule } }) : null;
  const label = query.get("label") ?? "";
  return { doc: { ...EMPTY, label, name: named(label), tree: rooted(read?.tree ?? null) }, draft: asked ? { id: asked, version: 0 } : fresh, goesOn: null };
}
