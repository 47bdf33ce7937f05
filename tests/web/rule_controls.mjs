// Takes rules as the server's trees, a JSON object a line, and says of each what the builder makes of it: the tree that is
// edited, the one that it would send, which places differ, and the controls that it shows. The first line is the vocabulary;
// a list of terms is answered with those that there are no controls for.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// What modules ask of a browser when they are loaded.
const quiet = { addEventListener: () => {}, removeEventListener: () => {} };
globalThis.localStorage = { getItem: () => null, setItem: () => {} };
globalThis.location = { pathname: "/", search: "" };
globalThis.document = { ...quiet, documentElement: { dataset: {} }, createElement: () => ({}) };
globalThis.matchMedia = () => ({ matches: false, ...quiet });
globalThis.window = Object.assign(globalThis, quiet);

const web = process.argv[2];
const need = createRequire(`${web}/package.json`);
// Nothing outside of a page changes while it is drawn.
need("react").useSyncExternalStore = (_subscribe, now) => now();
const { createServer } = await import(need.resolve("vite"));
const { default: react } = await import(need.resolve("@vitejs/plugin-react"));
const vite = await createServer({
  root: web,
  configFile: false,
  plugins: [react()],
  appType: "custom",
  logLevel: "error",
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
const load = (path) => vite.ssrLoadModule(`/src/${path}`);
const { rooted, sent } = await load("pages/segments/sending.ts");
const { isKnown } = await load("pages/segments/tree.ts");
const { Group } = await load("pages/segments/Group.tsx");
const { ActsContext } = await load("pages/segments/useEditor.ts");
const { VocabularyContext } = await load("pages/segments/vocabulary.ts");
const { ruleEntries } = await load("pages/segments/palette.ts");
const { SessionContext } = await load("app/session.tsx");
const { TooltipProvider } = await load("parts/Tooltip.tsx");
const { createElement: h } = need("react");
const { renderToStaticMarkup } = need("react-dom/server");
const { QueryClient, QueryClientProvider } = await import(pathToFileURL(need.resolve("@tanstack/react-query")).href.replace(".cjs", ".js"));

const session = { name: "", actor: "", role: "admin", permissions: [], project: { name: "", noun: "customer", currency: "EUR", time_zone: "UTC" }, csrf: "" };
const changed = () => {
  throw new Error("a rule that is only shown is not changed");
};
const acts = { set: changed, add: changed, remove: changed, move: changed, focus: changed };

function shown(tree, words) {
  const around = [
    [QueryClientProvider, { client: new QueryClient() }],
    [SessionContext, { value: session }],
    [TooltipProvider, {}],
    [VocabularyContext, { value: words }],
    [ActsContext, { value: acts }],
  ];
  const group = h(Group, { tree, path: [], entries: ruleEntries(words) });
  return renderToStaticMarkup(around.reduceRight((inner, [part, props]) => h(part, props, inner), group));
}

let words = null;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line) continue;
  const said = JSON.parse(line);
  if (words === null) {
    words = said;
    continue;
  }
  if (Array.isArray(said)) {
    process.stdout.write(`${JSON.stringify(said.filter((term) => !isKnown(term)))}\n`);
    continue;
  }
  const edited = rooted(said);
  const { tree, places } = sent(edited);
  process.stdout.write(`${JSON.stringify({ edited, again: rooted(edited), sent: tree, places: [...places], html: shown(edited, words) })}\n`);
}
await vite.close();
// What was asked for is kept for minutes, and nobody waits for it.
process.stdout.end(() => process.exit(0));
