/** A rule on its way between the server, where it is as short as can be, and the builder, where more can be added to all of it. */

import { groupOf, grouped, isCondition, isFinished, isGroup, isNested, isTree, modeOf, partsOf, partsPath, written, type Path, type Tree } from "./tree";

/** A rule as it is edited: whatever holds or does not within a term is a group, so that more can be added to it. */
export function opened(tree: Tree): Tree {
  const made: Tree = { ...tree };
  for (const [key, value] of Object.entries(tree)) {
    if (key === "parts" && Array.isArray(value)) made[key] = value.map((each) => (isTree(each) ? opened(each) : each));
    else if (isTree(value)) {
      const inner = opened(value);
      if (tree.term === "not") made[key] = inner.term === "not" ? groupOf("any", [inner]) : inner;
      else made[key] = key === "where" || key === "condition" || isCondition(inner) ? grouped(inner) : inner;
    }
  }
  return made;
}

/** A rule whose root is a group, so that there is a place to add to. */
export const rooted = (tree: unknown): Tree => (isTree(tree) ? grouped(opened(tree)) : groupOf("all", []));

/** What is sent, and where its parts are edited: paths in the one to paths in the other, where they differ. */
export interface Sent {
  tree: Tree;
  places: ReadonlyMap<string, string>;
}

/** A rule as the server takes it; its own groups stay as they are, what is not finished within a term is left out. */
export function sent(tree: Tree): Sent {
  const places = new Map<string, string>();
  return { tree: carried(tree, [], [], places), places };
}

export const sendable = (tree: Tree): Tree => sent(tree).tree;

function carried(tree: Tree, from: Path, to: Path, places: Map<string, string>): Tree {
  if (written(from) !== written(to)) places.set(written(to), written(from));
  const made: Tree = { ...tree };
  for (const [key, value] of Object.entries(tree)) {
    if (key === "parts" && Array.isArray(value)) {
      made[key] = value.map((each, place) => (isTree(each) ? carried(each, [...from, key, place], [...to, key, place], places) : each));
    } else if (isNested(tree, value)) {
      const inner = settled(value, [...from, key], [...to, key], places);
      if (inner) made[key] = inner;
      else if (key === "where") delete made[key];
    } else if (isTree(value)) made[key] = carried(value, [...from, key], [...to, key], places);
  }
  return made;
}

/** A condition within a term: groups of one are that one, what is not finished is left out. */
function settled(tree: Tree, from: Path, to: Path, places: Map<string, string>): Tree | undefined {
  if (!isFinished(tree)) return undefined;
  if (!isGroup(tree)) return carried(tree, from, to, places);
  const kept = [...partsOf(tree).entries()].filter(([, each]) => isFinished(each));
  const list: Path = [...from, ...partsPath(tree)];
  const mode = modeOf(tree);
  const isDenied = mode === "none" || mode === "not_all";
  places.set(written(to), written(from));
  if (kept.length === 1 && kept[0]) {
    const [place, only] = kept[0];
    const inner = settled(only, [...list, place], isDenied ? [...to, "value"] : to, places) as Tree;
    return isDenied ? { term: "not", value: inner } : inner;
  }
  const parts = kept.map(([place, each], now) => settled(each, [...list, place], [...to, ...partsPath(tree), now], places) as Tree);
  return groupOf(mode, parts);
}

/** Where something is edited that the server names. */
export function placeOf(path: string, places: ReadonlyMap<string, string>): string {
  for (let end = path.length; end > 0; end = Math.max(path.lastIndexOf(".", end - 1), path.lastIndexOf("[", end - 1))) {
    const found = places.get(path.slice(0, end));
    if (found !== undefined) return found + path.slice(end);
  }
  return path;
}
