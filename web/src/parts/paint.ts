/** The colours of the theme as ECharts wants them: resolved. */

const TOKENS = ["ink", "ink-2", "ink-3", "line", "surface", "raised", "sunken", "accent", "accent-soft", "good", "bad", "warn", "against", "scale-0", "scale-1"] as const;
const SERIES = 8;

export interface Paint {
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  surface: string;
  raised: string;
  sunken: string;
  accent: string;
  accentSoft: string;
  good: string;
  bad: string;
  warn: string;
  /** What something is compared with. */
  against: string;
  /** From little to much. */
  scale: [string, string];
  series: string[];
  font: string;
}

/** Read the theme as it is now. */
export function paintNow(): Paint {
  const probe = document.createElement("span");
  // A colour that glides there would be read before it has arrived.
  probe.style.transition = "none";
  document.body.append(probe);
  const resolved = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(TOKENS.map((name) => [name, resolved(name)])) as Record<(typeof TOKENS)[number], string>;
  const series = Array.from({ length: SERIES }, (_, place) => resolved(`series-${place + 1}`));
  const font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return {
    ink: found.ink,
    ink2: found["ink-2"],
    ink3: found["ink-3"],
    line: found.line,
    surface: found.surface,
    raised: found.raised,
    sunken: found.sunken,
    accent: found.accent,
    accentSoft: found["accent-soft"],
    good: found.good,
    bad: found.bad,
    warn: found.warn,
    against: found.against,
    scale: [found["scale-0"], found["scale-1"]],
    series,
    font,
  };
}
