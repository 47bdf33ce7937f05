/** How many people the rule holds for, while it is edited: at once an estimate where there are many, then the exact figure. */

import { useEffect, useMemo, useState } from "react";
import { ask, ProblemError, type Answer } from "../../api/client";
import { placeOf, sendable, sent } from "./sending";
import { isEmpty, type Tree } from "./tree";

export type Size = Answer<"POST /api/v1/segments/size">;
export type Reach = Answer<"POST /api/v1/segments/reach">;

export interface Sizing {
  size: Size | null;
  /** A newer answer is on its way. */
  isOld: boolean;
  /** The exact figure is being counted. */
  isCounting: boolean;
  problem: ProblemError | null;
}

const WAIT_MS = 120;

/** Why the server did not answer, where that is of interest to somebody. */
function problemOf(error: unknown): ProblemError | null {
  return error instanceof ProblemError && error.code !== "SUPERSEDED" ? error : null;
}

export function useSizing(tree: Tree, purpose: string, segment: string): Sizing {
  const editor = useMemo(() => crypto.randomUUID(), []);
  const [state, setState] = useState<Sizing>({ size: null, isOld: false, isCounting: false, problem: null });
  const { tree: rule, places } = useMemo(() => sent(tree), [tree]);
  const said = useMemo(() => JSON.stringify([rule, purpose, segment]), [rule, purpose, segment]);
  useEffect(() => {
    if (isEmpty(rule)) return setState({ size: null, isOld: false, isCounting: false, problem: null });
    const stop = new AbortController();
    setState((before) => ({ ...before, isOld: true }));
    const body = { tree: rule as Record<string, unknown>, purpose, segment, editor };
    const work = async () => {
      const first = await ask("POST /api/v1/segments/size", { body }, stop.signal);
      setState({ size: first, isOld: false, isCounting: first.is_estimate, problem: null });
      if (!first.is_estimate) return;
      const exact = await ask("POST /api/v1/segments/size", { body: { ...body, exact: true } }, stop.signal);
      setState({ size: exact, isOld: false, isCounting: false, problem: null });
    };
    const timer = setTimeout(() => {
      work().catch((error: unknown) => {
        if (!stop.signal.aborted) setState((before) => ({ ...before, isOld: false, isCounting: false, problem: problemOf(error) }));
      });
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
    // `said` is the rule, its purpose and its name.
    // eslint-disable-next-line
  }, [said, editor]);
  // The server names parts of what it was sent; here they are those that are edited.
  return useMemo(() => ({ ...state, size: state.size && placed(state.size, places) }), [state, places]);
}

function placed(size: Size, places: ReadonlyMap<string, string>): Size {
  if (!places.size) return size;
  const moved = <T extends { path: string }>(each: T): T => ({ ...each, path: placeOf(each.path, places) });
  return { ...size, parts: size.parts.map(moved), faults: size.faults.map(moved) };
}

const REACH_MS = 500;

/** Who may be addressed, once the rule has been left alone for a moment. */
export function useReach(tree: Tree): Reach | null {
  const editor = useMemo(() => crypto.randomUUID(), []);
  const [reach, setReach] = useState<Reach | null>(null);
  const said = useMemo(() => JSON.stringify(sendable(tree)), [tree]);
  useEffect(() => {
    const rule = JSON.parse(said) as Tree;
    if (isEmpty(rule)) return setReach(null);
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask("POST /api/v1/segments/reach", { body: { tree: rule as Record<string, unknown>, editor } }, stop.signal)
        .then(setReach)
        .catch(() => undefined);
    }, REACH_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [said, editor]);
  return reach;
}
