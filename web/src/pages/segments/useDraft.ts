/** Keeping what is edited on the server under one's name, so that nothing is lost by a closed tab or a restart. */

import { useCallback, useEffect, useRef, useState } from "react";
import { ask, ProblemError } from "../../api/client";
import type { Doc } from "./useEditor";

export type DraftState = "none" | "saving" | "saved" | "conflict" | "failed";

export interface Kept {
  id: string;
  version: number;
}

const WAIT_MS = 700;

/** Saves a document shortly after each change. */
export function useDraft(doc: Doc, kept: Kept, isChanged: boolean) {
  const [state, setState] = useState<DraftState>(kept.version ? "saved" : "none");
  const [savedAt, setSavedAt] = useState<number | null>(null);
  const now = useRef(kept);
  const waiting = useRef<Promise<unknown>>(Promise.resolve());
  const isOver = useRef(false);
  const newest = useRef(doc);
  newest.current = doc;

  const save = useCallback(async () => {
    if (isOver.current) return;
    setState("saving");
    const { name, ...rest } = newest.current;
    const work = async () => {
      try {
        const saved = await ask("PUT /api/v1/segments/drafts/{id}", {
          path: { id: now.current.id },
          body: { body: { name, ...rest } as Record<string, unknown>, segment: rest.before ? name : "", version: now.current.version },
        });
        now.current = { id: saved.id, version: saved.version };
        setSavedAt(Date.now());
        setState("saved");
      } catch (error) {
        setState(error instanceof ProblemError && error.code === "DRAFT-CHANGED" ? "conflict" : "failed");
      }
    };
    // One after the other: each says which version it comes after.
    waiting.current = waiting.current.then(work, work);
    await waiting.current;
  }, []);

  useEffect(() => {
    if (!isChanged || state === "conflict") return;
    const timer = setTimeout(() => void save(), WAIT_MS);
    return () => clearTimeout(timer);
    // A change of state alone is nothing to save.
    // eslint-disable-next-line
  }, [doc, isChanged, save]);

  useEffect(() => {
    if (state !== "failed") return;
    const timer = setTimeout(() => void save(), 5_000);
    return () => clearTimeout(timer);
  }, [state, save]);

  /** Take what somebody else saved as what this comes after, and save over it. */
  const overwrite = useCallback(async () => {
    const there = await ask("GET /api/v1/segments/drafts/{id}", { path: { id: now.current.id } });
    now.current = { id: there.id, version: there.version };
    await save();
  }, [save]);

  /** Nothing more is kept: it is published, or thrown away. */
  const end = useCallback(async (drop: boolean) => {
    isOver.current = true;
    await waiting.current.catch(() => undefined);
    if (drop) await ask("DELETE /api/v1/segments/drafts/{id}", { path: { id: now.current.id } }).catch(() => undefined);
  }, []);

  const again = useCallback(() => {
    isOver.current = false;
  }, []);

  return { state, savedAt, id: kept.id, save, overwrite, end, again };
}
