/**
 * What happens while you look: `GET /api/v1/changes`.
 *
 * A browser keeps six connections to a server, so one tab listens and tells the others; when it goes, another takes over.
 */

import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

/** Somebody entered or left a segment; told to roles that see people. */
export interface Moved {
  sequence: number;
  customer: string;
  segment: string;
  entered: boolean;
  occurred_at: string;
  noticed_at: string;
  cause: string;
}

/** How many are in each segment. */
export interface Counters {
  newest: number;
  segments: Record<string, number | null>;
  rounded: boolean;
}

type Told = { kind: "moved"; moved: Moved } | { kind: "counters"; counters: Counters } | { kind: "state"; isLive: boolean };
type Listener = (moved: Moved) => void;

interface Changes {
  counters: Counters | null;
  isLive: boolean;
  listeners: Set<Listener>;
}

const ChangesContext = createContext<Changes>({ counters: null, isLive: false, listeners: new Set() });
const NAME = "habitue.changes";

/** Listens for everybody, until the page goes. */
export function ChangesProvider({ children, enabled = true }: { children: ReactNode; enabled?: boolean }) {
  const [counters, setCounters] = useState<Counters | null>(null);
  const [isLive, setLive] = useState(false);
  const [listeners] = useState(() => new Set<Listener>());
  useEffect(() => {
    if (!enabled) return;
    const channel = new BroadcastChannel(NAME);
    const leaving = new AbortController();
    let newest: Counters | null = null;
    let leads = false;
    const hear = (told: Told | { kind: "who" }) => {
      if (told.kind === "moved") for (const each of listeners) each(told.moved);
      else if (told.kind === "counters") setCounters((newest = told.counters));
      else if (told.kind === "state") setLive(told.isLive);
      else if (leads && newest) channel.postMessage({ kind: "counters", counters: newest } satisfies Told);
    };
    const tell = (told: Told) => {
      hear(told);
      channel.postMessage(told);
    };
    channel.onmessage = (event: MessageEvent<Told | { kind: "who" }>) => hear(event.data);
    channel.postMessage({ kind: "who" });
    const lead = () =>
      new Promise<void>((resolve) => {
        // The turn may come after the page has gone.
        if (leaving.signal.aborted) return resolve();
        leads = true;
        const stop = listen(tell);
        leaving.signal.addEventListener("abort", () => (stop(), resolve()), { once: true });
      });
    navigator.locks.request(NAME, { signal: leaving.signal }, lead).catch(() => undefined);
    return () => {
      leaving.abort();
      channel.close();
    };
  }, [enabled, listeners]);
  const changes = useMemo(() => ({ counters, isLive, listeners }), [counters, isLive, listeners]);
  return <ChangesContext value={changes}>{children}</ChangesContext>;
}

function listen(tell: (told: Told) => void): () => void {
  const source = new EventSource("/api/v1/changes");
  source.onopen = () => tell({ kind: "state", isLive: true });
  source.onerror = () => tell({ kind: "state", isLive: false });
  source.addEventListener("counters", (event) => tell({ kind: "counters", counters: JSON.parse(event.data) as Counters }));
  for (const name of ["entered", "left"]) {
    source.addEventListener(name, (event: MessageEvent<string>) => tell({ kind: "moved", moved: JSON.parse(event.data) as Moved }));
  }
  return () => source.close();
}

/** How many are in each live segment, as it changes; null before the first word. */
export function useCounters(): { counters: Counters | null; isLive: boolean } {
  const { counters, isLive } = use(ChangesContext);
  return { counters, isLive };
}

/** Calls back for everybody who enters or leaves (a segment). */
export function useChanges(onMoved: Listener, segment?: string): void {
  const { listeners } = use(ChangesContext);
  const kept = useRef(onMoved);
  useEffect(() => {
    kept.current = onMoved;
  });
  useEffect(() => {
    const listener: Listener = (moved) => {
      if (!segment || moved.segment === segment) kept.current(moved);
    };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [listeners, segment]);
}
