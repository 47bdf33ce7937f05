/** What each role looks at first. */

import type { Role } from "../../app/session";

export interface Look {
  words: string;
  /** The figures on top, in order; those that the project has. */
  figures: readonly string[];
  /** What stands below, in order. */
  panels: readonly Part[];
}

export type Part = "trend" | "funnel" | "segments" | "anomalies" | "data" | "privacy" | "moves";

export const LOOKS: Readonly<Record<Role, Look>> = {
  executive: {
    words: "How the business stands, against the period before.",
    figures: ["revenue", "orders", "active_customers", "new_customers", "repeat_rate", "refund_rate"],
    panels: ["trend", "segments", "anomalies", "funnel"],
  },
  marketer: {
    words: "Who can be reached, what they do, and which groups grow.",
    figures: ["active_customers", "new_customers", "conversion_rate", "open_rate", "click_rate", "revenue"],
    panels: ["segments", "funnel", "trend", "anomalies"],
  },
  analyst: {
    words: "What is measured, what moves, and what is out of the ordinary.",
    figures: ["revenue", "orders", "order_value", "active_customers", "conversion_rate", "repeat_rate"],
    panels: ["trend", "funnel", "segments", "moves", "anomalies", "data"],
  },
  privacy_officer: {
    words: "What people allow, what they ask for, and who looked at their data.",
    figures: [],
    panels: ["privacy", "data", "segments"],
  },
  admin: {
    words: "How the business stands, and whether everything runs.",
    figures: ["revenue", "orders", "active_customers", "new_customers", "conversion_rate", "repeat_rate"],
    panels: ["trend", "funnel", "segments", "moves", "anomalies", "data"],
  },
};

/** How far back, in days. */
export const PERIODS = [
  { value: "7", label: "7 days", every: "day" },
  { value: "30", label: "30 days", every: "day" },
  { value: "90", label: "90 days", every: "week" },
  { value: "365", label: "12 months", every: "month" },
] as const;

export type Period = (typeof PERIODS)[number];
