/** Light or dark: as the system says, or as somebody chose here. */

import { useSyncExternalStore } from "react";

export type Chosen = "system" | "light" | "dark";
const KEPT = "habitue.theme";
const CHANGED = "habitue:theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  dark.addEventListener("change", listener);
  return () => {
    window.removeEventListener(CHANGED, listener);
    dark.removeEventListener("change", listener);
  };
}

function chosen(): Chosen {
  const said = document.documentElement.dataset["theme"];
  return said === "light" || said === "dark" ? said : "system";
}

function shown(): "light" | "dark" {
  const said = chosen();
  return said === "system" ? (dark.matches ? "dark" : "light") : said;
}

/** Choose a theme; it is kept in this browser. */
export function chooseTheme(theme: Chosen): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, theme);
  } catch {
    // A browser that keeps nothing follows the system next time.
  }
  window.dispatchEvent(new Event(CHANGED));
}

/** What was chosen, and what is shown. */
export function useTheme(): { chosen: Chosen; shown: "light" | "dark" } {
  return { chosen: useSyncExternalStore(subscribe, chosen), shown: useSyncExternalStore(subscribe, shown) };
}
