/** Lengths of time and windows, as words with fields between them. */

import { createContext, use } from "react";
import { Select } from "../../parts";
import { duration, UNITS, windowKind, windowOf, type WindowKind } from "./tree";
import { DateField, Typed } from "./Typed";

/** A length of time: a number and a unit. */
export function DurationField({ value, onChange, label, zero }: { value: string; onChange: (value: string) => void; label: string; zero?: boolean }) {
  const { count, unit } = duration(value || "7d");
  /** "3", or with its unit: "3w", "3 weeks". */
  const read = (text: string) => {
    const [, number = "", word = ""] = /^(\d{1,9}(?:\.\d{1,6})?) *([a-z]*)$/i.exec(text) ?? [];
    const said = word ? UNITS.find((each) => each.value === word.toLowerCase() || (word.length > 2 && each.label.startsWith(word.toLowerCase()))) : { value: unit };
    if (!said || number === "" || (said.value !== "s" && number.includes(".")) || !(zero || Number(number) > 0)) return null;
    return `${Number(number)}${said.value}`;
  };
  return (
    <span className="rule-duration">
      <Typed inputMode="decimal" className="rule-number" label={label} value={String(count)} read={(text) => read(text)} onChange={onChange} />
      <Select aria-label={`Unit of ${label}`} value={unit} onChange={(next) => onChange(`${Math.max(zero ? 0 : 1, Math.round(count))}${next}`)} of={UNITS.map((each) => ({ value: each.value, label: count === 1 ? each.label.slice(0, -1) : each.label }))} />
    </span>
  );
}

const KINDS: readonly { value: WindowKind; label: string }[] = [
  { value: "ever", label: "ever" },
  { value: "last", label: "in the last" },
  { value: "between", label: "between" },
  { value: "since", label: "since" },
  { value: "today", label: "today" },
  { value: "this_week", label: "this week" },
  { value: "this_month", label: "this month" },
];

/** Whether the time that counts is said further out, so that nothing within may say it: in a change. */
export const TimedContext = createContext(false);

/** Which stretch of time counts. */
export function WindowField({ value, onChange }: { value: unknown; onChange: (window: unknown) => void }) {
  const kind = windowKind(value);
  const said = (value ?? {}) as Record<string, unknown>;
  const [older, newer] = (said["between"] as [string, string] | undefined) ?? ["30d", "7d"];
  if (use(TimedContext) && kind === "ever") return null;
  return (
    <span className="rule-flow">
      <Select aria-label="When" value={kind} onChange={(next) => onChange(windowOf(next, value))} of={KINDS} />
      {kind === "last" && <DurationField label="How long back" value={String(said["last"])} onChange={(last) => onChange({ last })} />}
      {kind === "between" && (
        <>
          <DurationField label="From how long ago" value={older} onChange={(next) => onChange({ between: [next, newer] })} />
          <span>and</span>
          <DurationField zero label="To how long ago" value={newer} onChange={(next) => onChange({ between: [older, next] })} />
          <span>ago</span>
        </>
      )}
      {kind === "since" && <DateField label="Since" value={String(said["since"])} onChange={(since) => onChange({ since })} />}
    </span>
  );
}
