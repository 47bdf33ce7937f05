/** The builder itself: the rule on the left, what follows from it on the right. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { navigate, useUrlState } from "../../app/router";
import { useShortcut } from "../../app/keys";
import { Badge, Button, Choice, IconButton, Page, Panel, useFormat, useSay } from "../../parts";
import { About } from "./About";
import { Group } from "./Group";
import { CountsContext, type Counts } from "./PartCount";
import { PublishDialog } from "./PublishDialog";
import { ReachPanel, SizePanel, WordsPanel } from "./Side";
import { Starters } from "./Starters";
import { TextView } from "./TextView";
import { FaultsContext } from "./faults";
import { ruleEntries } from "./palette";
import { isEmpty, put, unset, written, type Path } from "./tree";
import { useDraft, type Kept } from "./useDraft";
import { ActsContext, added, moved, removed, useEditor, type Doc, type TreeActs } from "./useEditor";
import { useReach, useSizing } from "./useSizing";
import { useVocabulary } from "./vocabulary";

export function Builder({ first, draft, goesOn }: { first: Doc; draft: Kept; goesOn: string | null }) {
  const editor = useEditor(first);
  const { doc, change } = editor;
  const words = useVocabulary();
  const say = useSay();
  const [view, setView] = useUrlState({ view: "rule" });
  const [isPublishing, setPublishing] = useState(false);
  const [touched, setTouched] = useState(false);
  const isChanged = doc !== first;
  const kept = useDraft(doc, draft, isChanged);
  const sizing = useSizing(doc.tree, doc.purpose, doc.name);
  const reach = useReach(doc.tree);
  const [box, acts] = useTreeActs(change);
  const entries = useMemo(() => ruleEntries(words), [words]);
  const counts = useMemo<Counts | null>(
    () => sizing.size && { parts: new Map(sizing.size.parts.map((each) => [each.path, each.customers])), of: sizing.size.of, isEstimate: sizing.size.is_estimate, isOld: sizing.isOld },
    [sizing.size, sizing.isOld],
  );
  useEffect(() => {
    if (!isChanged) return;
    const query = new URLSearchParams(window.location.search);
    if (query.get("draft") === draft.id) return;
    query.delete("rule");
    query.delete("copy");
    query.delete("label");
    query.set("draft", draft.id);
    navigate(`${window.location.pathname}?${query.toString()}`, { replace: true });
  }, [isChanged, draft.id]);
  useShortcut("mod+z", "Undo", "Segment builder", editor.undo, true);
  useShortcut("mod+shift+z", "Redo", "Segment builder", editor.redo, true);
  useShortcut("mod+y", "Redo", "Segment builder", editor.redo, true);
  const hinders = hindrance(doc, sizing.size?.faults.length ?? 0);
  const publish = () => {
    setTouched(true);
    if (hinders) return say(hinders, "bad");
    setPublishing(true);
  };
  useShortcut("mod+enter", "Publish", "Segment builder", publish, true);
  const discard = async () => {
    await kept.end(true);
    navigate(first.before ? `/segments/${encodeURIComponent(first.name)}` : "/segments");
    say("The draft is thrown away");
  };
  return (
    <Page
      title={doc.label || doc.name || (first.before ? "Edit segment" : "New segment")}
      from={[{ to: "/segments", label: "Segments" }, ...(first.before ? [{ to: `/segments/${encodeURIComponent(first.name)}`, label: first.label || first.name }] : [])]}
      mark={<DraftBadge state={kept.state} savedAt={kept.savedAt} goesOn={goesOn} />}
      actions={
        <>
          <IconButton icon="undo" label="Undo (Ctrl Z)" disabled={!editor.canUndo} onClick={editor.undo} />
          <IconButton icon="redo" label="Redo (Ctrl Y)" disabled={!editor.canRedo} onClick={editor.redo} />
          {(isChanged || goesOn) && (
            <Button kind="quiet" icon="trash" onClick={() => void discard()}>
              Discard draft
            </Button>
          )}
          <Button kind="primary" icon="check" onClick={publish}>
            Publish …
          </Button>
        </>
      }
    >
      {kept.state === "conflict" && (
        <div className="builder-notice warn" role="alert">
          <span className="grow">This draft was saved elsewhere meanwhile, in another tab perhaps.</span>
          <Button small onClick={() => window.location.reload()}>
            Load that
          </Button>
          <Button small onClick={() => void kept.overwrite()}>
            Keep mine
          </Button>
        </div>
      )}
      <div className="main-and-side builder">
        <div className="stack">
          <About doc={doc} isNew={!first.before} wants={touched} change={change} />
          <Panel
            title="Who is in it"
            actions={
              <Choice
                label="View of the rule"
                value={view.view === "text" ? "text" : "rule"}
                onChange={(next) => setView({ view: next })}
                of={[
                  { value: "rule", label: "Conditions" },
                  { value: "text", label: "Text" },
                ]}
              />
            }
          >
            {view.view === "text" ? (
              <TextView tree={doc.tree} purpose={doc.purpose} segment={doc.name} onChange={(tree) => change((before) => ({ ...before, tree }), "text")} />
            ) : (
              <FaultsContext value={sizing.size?.faults ?? []}>
                <CountsContext value={counts}>
                  <ActsContext value={acts}>
                    <div className="rule" ref={box}>
                      <Group tree={doc.tree} path={[]} entries={entries} />
                      {isEmpty(doc.tree) && <Starters onTake={(tree) => change((before) => ({ ...before, tree }))} />}
                    </div>
                  </ActsContext>
                </CountsContext>
              </FaultsContext>
            )}
          </Panel>
        </div>
        <aside className="stack builder-side" aria-label="What follows from the rule">
          <SizePanel sizing={sizing} doc={doc} />
          <WordsPanel sizing={sizing} />
          <ReachPanel reach={reach} doc={doc} />
        </aside>
      </div>
      {isPublishing && (
        <PublishDialog
          doc={doc}
          draft={draft.id}
          onClose={() => {
            kept.again();
            setPublishing(false);
          }}
          onPublished={() => kept.end(false)}
        />
      )}
    </Page>
  );
}

/** Why it cannot be published yet; empty where nothing hinders. */
function hindrance(doc: Doc, faults: number): string {
  if (!doc.name) return "Give the segment a name first";
  if (isEmpty(doc.tree)) return "Add a condition first";
  if (unset(doc.tree)) return "A condition has no value yet";
  return faults ? "Something in the rule is not right yet" : "";
}

function DraftBadge({ state, savedAt, goesOn }: { state: string; savedAt: number | null; goesOn: string | null }) {
  const f = useFormat();
  if (state === "saving") return <Badge>Saving …</Badge>;
  if (state === "failed") return <Badge tone="warn">Draft not saved; trying again</Badge>;
  if (state === "conflict") return <Badge tone="warn">Saved elsewhere</Badge>;
  if (savedAt) return <Badge tone="info">Draft saved {f.clock(savedAt)}</Badge>;
  return goesOn ? <Badge tone="info">Draft of {f.time(goesOn)}</Badge> : null;
}

/** Changing the rule by paths, and putting the focus where the change was. */
function useTreeActs(change: ReturnType<typeof useEditor>["change"]) {
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const focus = useCallback((path: Path | null) => {
    wanted.current = path === null ? null : written(path);
    // After the change is on the screen.
    requestAnimationFrame(() => settle(box.current, wanted));
  }, []);
  const acts = useMemo<TreeActs>(() => {
    const set = (path: Path, value: unknown) => change((doc) => ({ ...doc, tree: put(doc.tree, path, value) }), written(path));
    return {
      set,
      focus,
      add: (group, part, place) => {
        let path: Path = [];
        change((doc) => {
          const made = added(doc.tree, group, part, place);
          path = made.path;
          return { ...doc, tree: made.tree };
        });
        requestAnimationFrame(() => focus(path));
      },
      remove: (path) => {
        change((doc) => ({ ...doc, tree: removed(doc.tree, path) }));
        focus(path);
      },
      move: (path, by) => {
        let to: Path = path;
        change((doc) => {
          const made = moved(doc.tree, path, by);
          to = made.path;
          return made.tree === doc.tree ? doc : { ...doc, tree: made.tree };
        });
        requestAnimationFrame(() => focus(to));
      },
    };
  }, [change, focus]);
  return [box, acts] as const;
}

const FIELDS = "input, select, textarea, button";

/** Puts the focus on the first field that wants something at a path, else on the field to add to the group above. */
function settle(box: HTMLElement | null, wanted: { current: string | null }): void {
  const path = wanted.current;
  wanted.current = null;
  if (!box || path === null) return;
  const add = (group: string) => box.querySelector<HTMLElement>(`[data-add="${CSS.escape(group)}"] input`);
  const within = (row: HTMLElement | null) => row?.querySelector<HTMLElement>("[aria-invalid]") ?? row?.querySelector<HTMLElement>(FIELDS);
  const row = box.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
  const above = path.replace(/(\.value)?\.parts\[\d+\]$/, "");
  const field = add(path) ?? within(row) ?? (above === path ? within(nearest(box, path)) : add(above)) ?? box.querySelector<HTMLElement>("[data-add] input");
  field?.focus();
}

/** The condition that holds a path. */
function nearest(box: HTMLElement, path: string): HTMLElement | null {
  const rows = [...box.querySelectorAll<HTMLElement>(".rule-row[data-path]")].filter((each) => path.startsWith(each.dataset["path"] ?? " "));
  return rows.at(-1) ?? null;
}
