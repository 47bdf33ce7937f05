/** The same rule as text: what is typed and can be read becomes the rule at once. */

import { useEffect, useMemo, useRef, useState } from "react";
import { ask } from "../../api/client";
import { Copy, TextArea } from "../../parts";
import { rooted, sendable } from "./sending";
import type { Tree } from "./tree";

interface Said {
  rule: string;
  what: string;
  column: number;
}

const WAIT_MS = 250;

export function TextView({ tree, onChange, purpose, segment }: { tree: Tree; onChange: (tree: Tree) => void; purpose: string; segment: string }) {
  const [text, setText] = useState<string | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const mine = useRef("");
  const now = useMemo(() => JSON.stringify(sendable(tree)), [tree]);
  const area = useRef<HTMLTextAreaElement>(null);

  // A rule that changed elsewhere (undo, another view) is shown anew; what was typed here stays as it was typed.
  useEffect(() => {
    if (now === mine.current) return;
    const stop = new AbortController();
    ask("POST /api/v1/segments/describe", { body: { tree: JSON.parse(now) as Record<string, unknown> } }, stop.signal)
      .then((found) => {
        mine.current = now;
        setText(found.rule);
        setSaid(null);
      })
      .catch(() => undefined);
    return () => stop.abort();
  }, [now]);

  const reading = useRef<AbortController | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const read = (typed: string) => {
    setText(typed);
    clearTimeout(timer.current);
    reading.current?.abort();
    timer.current = setTimeout(() => {
      const stop = new AbortController();
      reading.current = stop;
      ask("POST /api/v1/segments/describe", { body: { rule: typed, purpose, segment } }, stop.signal)
        .then((found) => {
          const fault = found.faults[0];
          setSaid(fault ? { rule: found.rule, what: `${fault.what} ${fault.do}`, column: found.column } : null);
          if (!found.tree) return;
          const next = rooted(found.tree);
          mine.current = JSON.stringify(sendable(next));
          onChange(next);
        })
        .catch(() => undefined);
    }, WAIT_MS);
  };
  return (
    <div className="stack tight">
      <label htmlFor="rule-text" className="unseen">
        The rule as text
      </label>
      <TextArea id="rule-text" ref={area} className="mono" rows={6} value={text ?? ""} onChange={read} aria-invalid={said ? true : undefined} aria-describedby="rule-text-said" placeholder="did('Order Completed', last='30d') and consent.marketing_email" />
      <div id="rule-text-said" className="row apart" aria-live="polite">
        {said ? (
          <span className="field-error">
            {said.column > 0 && (
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  area.current?.focus();
                  area.current?.setSelectionRange(said.column - 1, said.column);
                }}
              >
                Column {said.column}
              </button>
            )}{" "}
            {said.what}
          </span>
        ) : (
          <span className="quiet small">The same rule; both views change together.</span>
        )}
        <Copy as={[{ label: "text", text: text ?? "" }]} label="Copy the rule" />
      </div>
    </div>
  );
}
