/** Lengths of time and windows, as words with fields between them. */

import { Input, Select } from "../../parts";
import { duration, UNITS, windowKind, windowOf, type WindowKind } from "./tree";

/** A length of time: a number and a unit. */
export function DurationField({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  const { count, unit } = duration(value || "7d");
  return (
    <span className="rule-duration">
      <Input
        type="number"
        min={1}
        className="rule-number"
        aria-label={label}
        value={String(count)}
        onChange={(text) => Number(text) > 0 && onChange(`${Math.round(Number(text))}${unit}`)}
      />
      <Select aria-label={`Unit of ${label}`} value={unit} onChange={(next) => onChange(`${Math.max(1, Math.round(count))}${next}`)} of={UNITS.map((each) => ({ value: each.value, label: count === 1 ? each.label.slice(0, -1) : each.label }))} />
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

/** Which stretch of time counts. */
export function WindowField({ value, onChange }: { value: unknown; onChange: (window: unknown) => void }) {
  const kind = windowKind(value);
  const said = (value ?? {}) as Record<string, unknown>;
  const [older, newer] = (said["between"] as [string, string] | undefined) ?? ["30d", "7d"];
  return (
    <span className="rule-flow">
      <Select aria-label="When" value={kind} onChange={(next) => onChange(windowOf(next, value))} of={KINDS} />
      {kind === "last" && <DurationField label="How long back" value={String(said["last"])} onChange={(last) => onChange({ last })} />}
      {kind === "between" && (
        <>
          <DurationField label="From how long ago" value={older} onChange={(next) => onChange({ between: [next, newer] })} />
          <span>and</span>
          <DurationField label="To how long ago" value={newer} onChange={(next) => onChange({ between: [older, next] })} />
          <span>ago</span>
        </>
      )}
      {kind === "since" && <Input type="date" className="rule-date" aria-label="Since" value={String(said["since"]).slice(0, 10)} onChange={(since) => since && onChange({ since })} />}
    </span>
  );
}
