/** The people behind marks: what is asked of the server, page by page, and for their rule. */

import { askLoosely } from "../../api/client";
import type { MarkRule } from "../../api/types.gen";
import type { Behind, PeoplePage } from "../../parts";

interface Page extends PeoplePage {
  total: number | null;
  rule: MarkRule | null;
}

type Loose = Record<string, string | number | boolean | undefined>;

/** What the drawer shows of a mark: `asked` is a route that ends in `/people`, `query` says which mark. */
export function behindMark(asked: `GET /api/v1/${string}`, query: Loose, shown: Omit<Behind, "fetch" | "findRule" | "rule">, path: Loose = {}): Behind {
  return {
    ...shown,
    fetch: ({ cursor, limit, soon, signal }) => askLoosely<Page>(asked, { path, query: { ...query, ...(cursor ? { cursor } : {}), ...(soon ? { soon } : {}), limit } }, signal),
    findRule: async (signal) => (await askLoosely<Page>(asked, { path, query: { ...query, limit: 1, rule: true } }, signal)).rule,
  };
}

/** The rule of the people behind a mark: to limit other things to them. */
export async function ruleOfMark(asked: `GET /api/v1/${string}`, query: Loose, path: Loose = {}): Promise<MarkRule | null> {
  return (await askLoosely<Page>(asked, { path, query: { ...query, limit: 1, rule: true } })).rule;
}
