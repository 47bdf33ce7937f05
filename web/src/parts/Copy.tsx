import { address } from "../api/client";
import { Button } from "./Button";
import { Menu } from "./Menu";
import { useSay } from "./Toast";

/** One way to write a thing down. */
export interface Written {
  label: string;
  text: string | (() => string);
}

/** The request as a command of the terminal. */
export function asCurl(asked: string, given: { path?: object; query?: object; body?: unknown } = {}): string {
  const method = asked.slice(0, asked.indexOf(" "));
  const body = given.body === undefined ? "" : ` \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(given.body).replaceAll("'", "'\\''")}'`;
  return `curl -H "Authorization: Bearer $HABITUE_KEY"${method === "GET" ? "" : ` -X ${method}`} \\\n  '${window.location.origin}${address(asked, given)}'${body}`;
}

/** Copies a thing as JSON, YAML, curl, Python …: `<Copy as={[{ label: "YAML", text }]} />`. */
export function Copy({ as, label = "Copy", small = true }: { as: readonly Written[]; label?: string; small?: boolean }) {
  const say = useSay();
  const copy = async ({ label: kind, text }: Written) => {
    try {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
      say(`Copied as ${kind}`);
    } catch {
      say("The browser does not let this page copy", "bad");
    }
  };
  const only = as.length === 1 ? as[0] : undefined;
  if (only) {
    return (
      <Button icon="copy" kind="quiet" small={small} onClick={() => void copy(only)}>
        {label}
      </Button>
    );
  }
  return (
    <Menu items={as.map((each) => ({ label: `Copy as ${each.label}`, icon: "copy", onSelect: () => void copy(each) }))}>
      <Button icon="copy" kind="quiet" small={small}>
        {label}
      </Button>
    </Menu>
  );
}
