import { Icon, useFormat } from "../../parts";
import type { Format } from "../../parts";

/** What stands in place of a personal value that there is. */
export const MASK = "~";

/** A value by its kind, as text. */
export function valueText(f: Format, kind: string, value: unknown, unit = ""): string {
  if (value === null || value === undefined || value === "") return f.none;
  if (value === MASK && kind === "personal") return "hidden";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (kind === "money") return f.money(value as number);
  if (kind === "time") return f.time(value as string);
  if (kind === "date") return f.date(value as string);
  if (typeof value === "number") return unit && unit !== "money" && unit.length < 12 ? `${f.number(value)} ${unit}` : f.number(value);
  if (Array.isArray(value)) return value.map((each) => (typeof each === "number" ? f.number(each, 2) : String(each))).join(", ");
  return String(value);
}

/** A value by its kind; what is hidden says so. */
export function Value({ kind, value, unit }: { kind: string; value: unknown; unit?: string }) {
  const f = useFormat();
  if (value === MASK && kind === "personal") {
    return (
      <span className="hidden-value">
        <Icon name="lock" size={12} /> hidden
      </span>
    );
  }
  const text = valueText(f, kind, value, unit);
  return <span className={text === f.none ? "quiet" : undefined}>{text}</span>;
}

/** A value of an event; its kind where a contract tells it. */
export function looseText(f: Format, name: string, value: unknown, kind = ""): string {
  if (kind && value !== MASK) return valueText(f, kind, value);
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}T/.test(value)) return f.time(value);
  if (typeof value === "number" && name.endsWith("_s")) return f.duration(value);
  return valueText(f, value === MASK ? "personal" : "", value);
}
