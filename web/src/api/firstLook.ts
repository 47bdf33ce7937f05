/** Figures about everybody where there are many: an estimate at once, which the exact answer takes the place of. */

import type { UseQueryOptions } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useAsk, type Answer, type Asked, type Given, type ProblemError } from "./client";

/** What every answer says that may be an estimate. */
interface Estimated {
  is_estimate: boolean;
  looked_at?: number | null;
  everybody?: number | null;
}

type Estimating = { [K in Asked]: Answer<K> extends Estimated ? K : never }[Asked];

/** On whom the figures of a page are based. */
export interface Basis {
  isEstimate: boolean;
  /** How many were looked at; null where the role is not told. */
  lookedAt: number | null;
  /** Of how many. */
  everybody: number | null;
  /** Why the exact figures are not there; null while they are counted, or where they are. */
  problem: ProblemError | null;
  /** Counts everybody once more. */
  again: () => void;
}

export interface Look<T> {
  data: T | undefined;
  error: ProblemError | null;
  isPending: boolean;
  isFetching: boolean;
  isPlaceholderData: boolean;
  refetch: () => unknown;
  /** Null where no estimate was ever shown. */
  basis: Basis | null;
}

type Options<T> = Omit<UseQueryOptions<T, ProblemError>, "queryKey" | "queryFn" | "placeholderData" | "enabled"> & {
  enabled?: boolean;
  /** The exact answer takes no longer than an estimate would. */
  isQuick?: boolean;
};

/** An answer about everybody: what is there at once, then the exact one; what was shown before stays until then. */
export function useFirstLook<K extends Estimating>(asked: K, given: Given<K>, { isQuick, ...options }: Options<Answer<K>> = {}): Look<Answer<K>> {
  const shown = useRef<Answer<K> | undefined>(undefined);
  const estimated = useRef<Estimated | null>(null);
  const first = useAsk(asked, isQuick ? given : quick(given), { ...options, placeholderData: (() => shown.current) as never });
  const isDrawn = first.data !== undefined && !first.isPlaceholderData && (first.data as Estimated).is_estimate;
  const isTurn = useLater(isDrawn);
  const exact = useAsk(asked, given, { ...options, enabled: isDrawn && isTurn && options.enabled !== false, retry: isWorthAgain });
  const data = isDrawn ? (exact.data ?? first.data) : first.data;
  shown.current = data;
  if (isDrawn) estimated.current = first.data as Estimated;
  else if (!first.isPlaceholderData) estimated.current = null;
  const about = estimated.current;
  return {
    data,
    error: first.error,
    isPending: first.isPending,
    isFetching: first.isFetching,
    isPlaceholderData: first.isPlaceholderData,
    refetch: first.refetch,
    basis: about && {
      isEstimate: data !== undefined && (data as Estimated).is_estimate,
      lookedAt: about.looked_at ?? null,
      everybody: about.everybody ?? null,
      problem: exact.error,
      again: () => void exact.refetch(),
    },
  };
}

const DRAWN_MS = 300;

/** True a moment after something is: what is shown is drawn before the machine has more to do. */
function useLater(is: boolean): boolean {
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    if (!is) return setLater(false);
    const timer = setTimeout(() => setLater(true), DRAWN_MS);
    return () => clearTimeout(timer);
  }, [is]);
  return isLater;
}

/** What took too long once takes as long again: people say when. */
function isWorthAgain(times: number, error: ProblemError): boolean {
  return error.code !== "TAKES-TOO-LONG" && (error.status === 0 || error.status === 503) && times < 2;
}

function quick<K extends Asked>(given: Given<K>): Given<K> {
  const said = given as { query?: object };
  return { ...said, query: { ...said.query, estimate: true } } as unknown as Given<K>;
}
