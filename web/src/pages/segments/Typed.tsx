/** Fields of a rule that keep what is typed until it can be taken. */

import { useState, type HTMLAttributes, type KeyboardEvent, type MouseEvent } from "react";
import { Input } from "../../parts";

interface TypedProps {
  label: string;
  value: string;
  /** What of that which is typed can be taken; null where it cannot. */
  read: (text: string) => string | null;
  onChange: (value: string) => void;
  /** Told that nothing is left. */
  onClear?: () => void;
  /** It is taken when one goes on, not with every letter. */
  late?: boolean;
  className?: string;
  inputMode?: HTMLAttributes<HTMLInputElement>["inputMode"];
  type?: string;
  placeholder?: string;
  invalid?: boolean;
}

export function Typed({ label, value, read, onChange, onClear, late, className, inputMode, type, placeholder, invalid }: TypedProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = (text: string) => {
    const found = read(text.trim());
    if (found !== null && found !== value) onChange(found);
  };
  const settle = () => {
    if (late && typed !== null) take(typed);
    setTyped(null);
  };
  return (
    <Input
      type={type}
      inputMode={inputMode}
      className={className}
      aria-label={label}
      aria-invalid={invalid || (typed !== null && typed.trim() !== "" && read(typed.trim()) === null) || undefined}
      placeholder={placeholder}
      value={typed ?? value}
      onChange={(text) => {
        setTyped(text);
        if (late) return;
        if (text.trim() === "") onClear?.();
        else take(text);
      }}
      onMouseDown={(event: MouseEvent<HTMLInputElement>) => {
        // One click chooses all of it, so that what is typed takes its place; the next puts the cursor into it.
        const field = event.currentTarget;
        if (type === "date" || document.activeElement === field) return;
        event.preventDefault();
        field.focus();
        field.select();
      }}
      onBlur={settle}
      onKeyDown={(event: KeyboardEvent) => {
        if (!late || event.key !== "Enter") return;
        event.preventDefault();
        settle();
      }}
    />
  );
}

const NUMBER = /^-?\d+(\.\d+)?$/;

/** A number, as exact as it is typed. */
export function NumberField({ label, value, onChange, onClear, late, invalid, placeholder = "number", most }: { label: string; value: string; onChange: (value: string) => void; onClear?: () => void; late?: boolean; invalid?: boolean; placeholder?: string; most?: number }) {
  const read = (text: string) => (NUMBER.test(text) && (most === undefined || Math.abs(Number(text)) <= most) ? text : null);
  return <Typed label={label} value={value} read={read} onChange={onChange} inputMode="decimal" className="rule-number" placeholder={placeholder} {...(onClear ? { onClear } : {})} {...(late ? { late } : {})} {...(invalid ? { invalid } : {})} />;
}

/** A whole number between two others. */
export function WholeField({ value, onChange, label, least = 1, most = 1_000_000_000 }: { value: number; onChange: (value: number) => void; label: string; least?: number; most?: number }) {
  const read = (text: string) => (/^-?\d+$/.test(text) && Number(text) >= least && Number(text) <= most ? String(Number(text)) : null);
  return <Typed label={label} value={String(value)} read={read} onChange={(text) => onChange(Number(text))} inputMode="numeric" className="rule-number" />;
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A date, or an instant: a time of the project's zone, unless it says another. */
export function DateField({ label, value, onChange, late, invalid }: { label: string; value: string; onChange: (value: string) => void; late?: boolean; invalid?: boolean }) {
  const [, date = "", time = "", zone = ""] = MOMENT.exec(value) ?? [];
  const isOther = value !== "" && date === "";
  if (isOther) return <Typed label={label} value={value} read={(text) => text || null} onChange={onChange} className="rule-text" late />;
  const read = (text: string) => (MOMENT.test(text) ? text : null);
  const joined = (day: string, clock: string) => (clock ? `${day}T${clock}${zone}` : day);
  return (
    <span className="rule-flow">
      <Typed type="date" label={label} value={date} read={read} onChange={(next) => onChange(joined(next, time))} className="rule-date" {...(late ? { late } : {})} {...(invalid ? { invalid } : {})} />
      {time ? (
        <>
          <span>at</span>
          <Typed label={`Time of ${label}`} value={time} read={(text) => (MOMENT.test(`${date}T${text}`) ? text : null)} onChange={(next) => onChange(joined(date, next))} onClear={() => onChange(date)} className="rule-clock" />
          {zone && <span className="quiet small">{zone === "Z" ? "UTC" : zone}</span>}
        </>
      ) : (
        date &&
        !late && (
          <button type="button" className="rule-small" aria-label={`Say a time of ${label}`} onClick={() => onChange(joined(date, "12:00"))}>
            + time
          </button>
        )
      )}
    </span>
  );
}
