/** Asking the server: every route typed from its own document, every refusal a `ProblemError`. */

import { useMutation, useQuery, type UseQueryOptions, type UseQueryResult } from "@tanstack/react-query";
import type { Routes } from "./types.gen";

export type Asked = keyof Routes;
export type Answer<K extends Asked> = Routes[K]["answer"];

type Part<T, Name extends string> = Record<never, never> extends T
  ? T extends Record<never, never>
    ? { [key in Name]?: T }
    : never
  : { [key in Name]: T };

/** What a route takes: `path` and `body` where it has them, `query` where something is wanted of it. */
export type Given<K extends Asked> = (keyof Routes[K]["path"] extends never
  ? { path?: never }
  : { path: Routes[K]["path"] }) &
  Part<Routes[K]["query"], "query"> &
  (Routes[K]["body"] extends undefined ? { body?: never } : { body: Routes[K]["body"] });

type Loose = { path?: object | undefined; query?: object | undefined; body?: unknown };

/** What the server refuses, in its own words. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  /** What to do about it. */
  readonly do: string;
  /** The member or parameter that it is about. */
  readonly field: string | null;
  /** Everything else that the answer says, such as faults with their places. */
  readonly said: Record<string, unknown>;

  constructor(status: number, said: Record<string, unknown>) {
    super(typeof said["detail"] === "string" ? said["detail"] : `The server answered ${status}.`);
    this.name = "ProblemError";
    this.status = status;
    this.code = typeof said["code"] === "string" ? said["code"] : "UNEXPECTED";
    this.do = typeof said["do"] === "string" ? said["do"] : "Try again; if it stays, see the log of the server.";
    this.field = typeof said["field"] === "string" ? said["field"] : null;
    this.said = said;
  }
}

let guard: string | null = null;

/** Keep what every change has to show so that no other site can make it: from the session. */
export function guardWith(csrf: string | null): void {
  guard = csrf;
}

/** The address of a route with what was given. */
export function address(asked: string, given: Loose = {}): string {
  const path = asked.slice(asked.indexOf(" ") + 1);
  const values = (given.path ?? {}) as Record<string, string>;
  const filled = path.replace(/\{(\w+)(?::\w+)?\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${filled}?${text}` : filled;
}

async function answerTo(asked: string, given: Loose, signal?: AbortSignal): Promise<Response> {
  const method = asked.slice(0, asked.indexOf(" "));
  const headers: Record<string, string> = { Accept: "application/json" };
  if (given.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && guard) headers["X-CSRF-Token"] = guard;
  let response: Response;
  try {
    response = await fetch(address(asked, given), {
      method,
      headers,
      credentials: "same-origin",
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError(0, {
      code: "UNREACHED",
      detail: "The server cannot be reached.",
      do: "See that `habitue serve` still runs; what you were doing is kept here.",
    });
  }
  if (response.ok) return response;
  const said = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.status === 401) window.dispatchEvent(new Event("habitue:signed-out"));
  throw new ProblemError(response.status, said);
}

/** One request; aborts with `signal`. */
export async function ask<K extends Asked>(asked: K, given?: Given<K>, signal?: AbortSignal): Promise<Answer<K>> {
  const response = await answerTo(asked, (given ?? {}) as Loose, signal);
  if (!(response.headers.get("content-type") ?? "").includes("json")) return response as Answer<K>;
  return (await response.json()) as Answer<K>;
}

/** A request to a route that the types do not know yet. Use `ask` wherever you can. */
export async function askLoosely<T>(asked: `${string} /api/v1/${string}`, given: Loose = {}, signal?: AbortSignal): Promise<T> {
  return (await (await answerTo(asked, given, signal)).json()) as T;
}

type Options<T> = Omit<UseQueryOptions<T, ProblemError>, "queryKey" | "queryFn">;

/** An answer that is kept and asked for again when it is old; a newer question ends the one before. */
export function useAsk<K extends Asked>(
  asked: K,
  given?: Given<K>,
  options?: Options<Answer<K>>,
): UseQueryResult<Answer<K>, ProblemError> {
  return useQuery<Answer<K>, ProblemError>({
    queryKey: [asked, given ?? {}],
    queryFn: ({ signal }) => ask(asked, given, signal),
    ...options,
  });
}

/** A change: `mutate(given)`; afterwards call `useQueryClient().invalidateQueries` for what it changes. */
export function useAct<K extends Asked>(asked: K) {
  return useMutation<Answer<K>, ProblemError, Given<K>>({ mutationFn: (given) => ask(asked, given) });
}
