/** A part of a rule that this app has no controls for: its sentence, and the way to its text. */

import { useAsk } from "../../api/client";
import { useUrlState } from "../../app/router";
import { Button } from "../../parts";
import { sendable } from "./sending";
import type { Tree } from "./tree";

export function AsItIs({ tree, denied }: { tree: Tree; denied: boolean }) {
  const [, setView] = useUrlState({ view: "rule" });
  const said = useAsk("POST /api/v1/segments/describe", { body: { tree: sendable(tree) as Record<string, unknown> } }, { staleTime: 300_000 });
  const part = said.data?.parts.find((each) => each.path === "$");
  return (
    <span className="rule-words rule-asis">
      {denied && <span className="rule-not">not</span>}
      <span>{part?.words || said.data?.rule || "A condition that is changed as text"}</span>
      <Button small kind="quiet" onClick={() => setView({ view: "text" })}>
        Change it as text
      </Button>
    </span>
  );
}
