/** Numbers, money and times as the project says them; `const f = useFormat()`. */

import { useMemo } from "react";
import { useSession } from "../app/session";

export type Unit = "money" | "count" | "share" | "number" | "duration";
type Amount = number | string | null | undefined;
type Moment = string | number | Date | null | undefined;

const NONE = "–";
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

function amount(value: Amount): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function moment(value: Moment): Date | null {
  if (value === null || value === undefined || value === "") return null;
  // A day without an hour is that day everywhere.
  const date = new Date(typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T12:00:00Z` : value);
  return Number.isNaN(date.getTime()) ? null : date;
}

function span(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 1) return `${Math.round(size * 1000)} ms`;
  if (size < MINUTE) return `${Math.round(size)} s`;
  if (size < HOUR) return `${Math.round(size / MINUTE)} min`;
  if (size < DAY) return `${(size / HOUR).toFixed(size < 10 * HOUR ? 1 : 0)} h`;
  return `${(size / DAY).toFixed(size < 10 * DAY ? 1 : 0)} d`;
}

export interface Format {
  /** 12,345 or 12.3. */
  number(value: Amount, digits?: number): string;
  /** 12.3K. */
  compact(value: Amount): string;
  /** Of a currency; the project's where none is said. */
  money(value: Amount, currency?: string): string;
  moneyCompact(value: Amount, currency?: string): string;
  /** 0.123 as 12.3 %. */
  share(value: Amount, digits?: number): string;
  /** 0.123 as +12.3 %. */
  change(value: Amount): string;
  /** Seconds as 3.2 h. */
  duration(seconds: Amount): string;
  /** A value of a metric by its unit. */
  value(value: Amount, unit: Unit, currency?: string): string;
  valueCompact(value: Amount, unit: Unit, currency?: string): string;
  /** 22 Nov 2026. */
  date(value: Moment): string;
  /** 22 Nov. */
  day(value: Moment): string;
  /** 22 Nov 2026, 14:03. */
  time(value: Moment): string;
  /** 14:03:22. */
  clock(value: Moment): string;
  /** 3 min ago; in 2 h. */
  ago(value: Moment, now?: number): string;
  /** What stands for nothing. */
  none: string;
}

/** The formats of one project. */
export function formats({ currency, time_zone }: { currency: string; time_zone: string }): Format {
  const locale = "en-GB";
  const zone = { timeZone: time_zone || "UTC" };
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const short = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
  const days = new Intl.DateTimeFormat(locale, { ...zone, day: "numeric", month: "short", year: "numeric" });
  const dayOnly = new Intl.DateTimeFormat(locale, { ...zone, day: "numeric", month: "short" });
  const times = new Intl.DateTimeFormat(locale, { ...zone, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const clocks = new Intl.DateTimeFormat(locale, { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const said = <T>(value: T | null, text: (value: T) => string) => (value === null ? NONE : text(value));
  const monies = (of: string | undefined, compact: boolean) => {
    const name = of || currency;
    if (!name || name === "XXX") return compact ? short : plain;
    return new Intl.NumberFormat(locale, {
      style: "currency",
      currency: name,
      ...(compact ? { notation: "compact" as const, maximumSignificantDigits: 3 } : {}),
    });
  };
  const whole = (of: string | undefined, value: number) => {
    const name = of || currency;
    if (!name || name === "XXX") return plain.format(value);
    return value.toLocaleString(locale, { style: "currency", currency: name, maximumFractionDigits: 0 });
  };
  const format: Format = {
    none: NONE,
    number: (value, digits) =>
      said(amount(value), (each) =>
        digits === undefined ? plain.format(each) : each.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
      ),
    compact: (value) => said(amount(value), (each) => (Math.abs(each) < 10_000 ? plain.format(each) : short.format(each))),
    money: (value, of) => said(amount(value), (each) => monies(of, false).format(each)),
    moneyCompact: (value, of) => said(amount(value), (each) => (Math.abs(each) < 10_000 && (Number.isInteger(each) || Math.abs(each) >= 1_000) ? whole(of, each) : monies(of, Math.abs(each) >= 10_000).format(each))),
    share: (value, digits = 1) =>
      said(amount(value), (each) => `${(each * 100).toLocaleString(locale, { maximumFractionDigits: digits })} %`),
    change: (value) =>
      said(amount(value), (each) => {
        const percent = each * 100;
        const text = Math.abs(percent).toLocaleString(locale, { maximumFractionDigits: Math.abs(percent) < 10 ? 1 : 0 });
        return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${text} %`;
      }),
    duration: (value) => said(amount(value), span),
    value: (value, unit, of) => {
      if (unit === "money") return format.money(value, of);
      if (unit === "share") return format.share(value);
      if (unit === "duration") return format.duration(value);
      return format.number(value);
    },
    valueCompact: (value, unit, of) => {
      if (unit === "money") return format.moneyCompact(value, of);
      if (unit === "count" || unit === "number") return format.compact(value);
      return format.value(value, unit, of);
    },
    date: (value) => said(moment(value), (each) => days.format(each)),
    day: (value) => said(moment(value), (each) => dayOnly.format(each)),
    time: (value) => said(moment(value), (each) => times.format(each)),
    clock: (value) => said(moment(value), (each) => clocks.format(each)),
    ago: (value, now = Date.now()) =>
      said(moment(value), (each) => {
        const seconds = (now - each.getTime()) / 1000;
        if (Math.abs(seconds) < 5) return "just now";
        return seconds > 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
      }),
  };
  return format;
}

/** The formats of the project that is open. */
export function useFormat(): Format {
  const { project } = useSession();
  const { currency, time_zone } = project;
  return useMemo(() => formats({ currency, time_zone }), [currency, time_zone]);
}
