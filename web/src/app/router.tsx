/** Where we are: the address, links, and state that lives in the query. */

import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type AnchorHTMLAttributes,
  type ReactNode,
} from "react";

const MOVED = "habitue:moved";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(MOVED, listener);
  };
}

/** Go to an address of the app. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const here = window.location.pathname + window.location.search;
  if (to === here) return;
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  window.dispatchEvent(new Event(MOVED));
}

/** The path, as `/segments/loyal`. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}

/** The query, as `?by=channel`. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => window.location.search);
}

export type Params = Readonly<Record<string, string>>;
const ParamsContext = createContext<Params>({});

/** What varies in the path: `{ name: "loyal" }` on `/segments/:name`. */
export function useParams(): Params {
  return use(ParamsContext);
}

export function ParamsProvider({ params, children }: { params: Params; children: ReactNode }) {
  return <ParamsContext value={params}>{children}</ParamsContext>;
}

/** The parameters of a path that fits a pattern, or null. */
export function matched(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/+$/, "").split("/");
  if (path === "/" ? pattern !== "/" : wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [place, part] of wanted.entries()) {
    const value = given[place] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = unescaped(value);
    else if (part !== value) return null;
  }
  return params;
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string };

/** A link within the app; a real anchor, so that it opens in a new tab like any other. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(to);
      }}
    />
  );
}

type Value = string | number | boolean | readonly string[];
type State = Readonly<Record<string, Value>>;
type Wide<T> = { [K in keyof T]: T[K] extends string ? string : T[K] extends number ? number : T[K] extends boolean ? boolean : readonly string[] };

function read(search: string, name: string, usual: Value): Value {
  const query = new URLSearchParams(search);
  if (!query.has(name)) return usual;
  if (Array.isArray(usual)) return query.getAll(name).filter((each) => each !== "");
  const text = query.get(name) ?? "";
  if (typeof usual === "number") return Number.isFinite(Number(text)) && text !== "" ? Number(text) : usual;
  if (typeof usual === "boolean") return text === "true";
  return text;
}

function written(search: string, changes: Readonly<Record<string, Value | undefined>>, usual: State): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    if (value === undefined || JSON.stringify(value) === JSON.stringify(usual[name])) continue;
    if (Array.isArray(value)) for (const each of value.length ? value : [""]) query.append(name, each);
    else query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

/**
 * State in the address, so that a reload, a shared link and the back button keep it.
 *
 * `const [state, set] = useUrlState({ by: "channel", every: "day", steps: [] as string[] })`: what equals its usual
 * value is left out of the address; `set({ every: "week" })` changes some of it; `{ push: true }` makes a step of history.
 */
export function useUrlState<T extends State>(usual: T): [Wide<T>, (changes: Partial<Wide<T>>, how?: { push?: boolean }) => void] {
  const search = useSearch();
  const kept = useRef(usual);
  const state = useMemo(
    () => Object.fromEntries(Object.entries(kept.current).map(([name, value]) => [name, read(search, name, value)])),
    [search],
  ) as unknown as Wide<T>;
  const set = useCallback((changes: Partial<Wide<T>>, how: { push?: boolean } = {}) => {
    const next = written(window.location.search, changes as Record<string, Value | undefined>, kept.current);
    navigate(window.location.pathname + next, { replace: !how.push });
  }, []);
  return [state, set];
}

/** Name the page in the tab's title. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Habitue` : "Habitue";
  }, [title]);
}
