/** What is being edited, with undo and redo; edits of one place shortly after another are undone together. */

import { createContext, use, useCallback, useMemo, useReducer } from "react";
import { rooted } from "./sending";
import { at, partsOf, partsPath, put, type Path, type Tree } from "./tree";

export interface Doc {
  name: string;
  label: string;
  description: string;
  purpose: string;
  group: string;
  tree: Tree;
  /** Its rule when editing began; empty for a new segment. */
  before: string;
}

export const EMPTY: Doc = { name: "", label: "", description: "", purpose: "", group: "", tree: rooted(null), before: "" };

interface History {
  doc: Doc;
  past: readonly Doc[];
  future: readonly Doc[];
  /** What was changed last, and when. */
  last: string;
  at: number;
}

type Action =
  | { kind: "load"; doc: Doc }
  | { kind: "change"; doc: (before: Doc) => Doc; about: string; at: number }
  | { kind: "undo" }
  | { kind: "redo" };

const TOGETHER_MS = 900;
const MOST = 200;

function reduce(state: History, action: Action): History {
  switch (action.kind) {
    case "load":
      return { doc: action.doc, past: [], future: [], last: "", at: 0 };
    case "change": {
      const doc = action.doc(state.doc);
      if (doc === state.doc) return state;
      const goesOn = action.about !== "" && action.about === state.last && action.at - state.at < TOGETHER_MS;
      return { doc, past: goesOn ? state.past : [...state.past, state.doc].slice(-MOST), future: [], last: action.about, at: action.at };
    }
    case "undo": {
      const before = state.past.at(-1);
      return before ? { doc: before, past: state.past.slice(0, -1), future: [state.doc, ...state.future], last: "", at: 0 } : state;
    }
    case "redo": {
      const [next, ...rest] = state.future;
      return next ? { doc: next, past: [...state.past, state.doc], future: rest, last: "", at: 0 } : state;
    }
  }
}

export function useEditor(first: Doc = EMPTY) {
  const [state, act] = useReducer(reduce, { doc: first, past: [], future: [], last: "", at: 0 });
  const change = useCallback((doc: (before: Doc) => Doc, about = "") => act({ kind: "change", doc, about, at: performance.now() }), []);
  const load = useCallback((doc: Doc) => act({ kind: "load", doc }), []);
  const undo = useCallback(() => act({ kind: "undo" }), []);
  const redo = useCallback(() => act({ kind: "redo" }), []);
  return useMemo(
    () => ({ doc: state.doc, change, load, undo, redo, canUndo: state.past.length > 0, canRedo: state.future.length > 0 }),
    [state, change, load, undo, redo],
  );
}

/** How parts of the rule are changed, by their path. */
export interface TreeActs {
  set: (path: Path, value: unknown) => void;
  /** Put another one into a group, at a place or at its end; then it has the focus. */
  add: (group: Path, part: Tree, place?: number) => void;
  remove: (path: Path) => void;
  move: (path: Path, by: number) => void;
  /** Within the same group: so many steps, with what it is about for undo. */
  focus: (path: Path | null) => void;
}

export const ActsContext = createContext<TreeActs | null>(null);

export function useActs(): TreeActs {
  const found = use(ActsContext);
  if (!found) throw new Error("There is nothing to edit here.");
  return found;
}

/** The list that a part stands in, and its place. */
export function listOf(path: Path): { list: Path; place: number } | null {
  const place = path.at(-1);
  return typeof place === "number" ? { list: path.slice(0, -1), place } : null;
}

export function added(root: Tree, group: Path, part: Tree, place?: number): { tree: Tree; path: Path } {
  const tree = at(root, group) as Tree;
  const parts = partsOf(tree);
  const where = place ?? parts.length;
  const list = [...group, ...partsPath(tree)];
  return { tree: put(root, list, [...parts.slice(0, where), part, ...parts.slice(where)]), path: [...list, where] };
}

export function removed(root: Tree, path: Path): Tree {
  const found = listOf(path);
  if (!found) return root;
  const parts = at(root, found.list) as readonly unknown[];
  return put(root, found.list, parts.filter((_, place) => place !== found.place));
}

export function moved(root: Tree, path: Path, by: number): { tree: Tree; path: Path } {
  const found = listOf(path);
  if (!found) return { tree: root, path };
  const parts = [...(at(root, found.list) as unknown[])];
  const to = found.place + by;
  if (to < 0 || to >= parts.length) return { tree: root, path };
  const [part] = parts.splice(found.place, 1);
  parts.splice(to, 0, part);
  return { tree: put(root, found.list, parts), path: [...found.list, to] };
}
