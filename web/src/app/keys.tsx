/** Keys that do something anywhere; `?` shows them all. */

import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Dialog } from "../parts/Dialog";

export interface Shortcut {
  /** As "g s", "/", "mod+enter"; letters in turn with a space between. */
  keys: string;
  label: string;
  group: string;
  run: () => void;
  /** Also while somebody types. */
  always?: boolean;
}

const KeysContext = createContext<Set<Shortcut>>(new Set());
const BETWEEN_MS = 900;

function pressed(event: KeyboardEvent): string {
  const name = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return `mod+${name}`;
  return event.shiftKey && /^[a-z]$/.test(name) ? `shift+${name}` : name;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Add a shortcut while a component is there. */
export function useShortcut(keys: string, label: string, group: string, run: () => void, always = false): void {
  const all = use(KeysContext);
  const kept = useRef(run);
  useEffect(() => {
    kept.current = run;
  });
  useEffect(() => {
    const shortcut: Shortcut = { keys, label, group, run: () => kept.current(), always };
    all.add(shortcut);
    return () => void all.delete(shortcut);
  }, [all, keys, label, group, always]);
}

export function KeysProvider({ children }: { children: ReactNode }) {
  const [all] = useState(() => new Set<Shortcut>());
  const [isHelping, setHelping] = useState(false);
  useEffect(() => {
    let before = "";
    let at = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const typing = isTyping(event.target);
      const inDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
      const key = pressed(event);
      const pair = event.timeStamp - at < BETWEEN_MS ? `${before} ${key}` : "";
      const fits = (wanted: string) => [...all].reverse().find((each) => each.keys === wanted && (each.always || (!typing && !inDialog)));
      const found = (pair && fits(pair)) || fits(key);
      before = key;
      at = event.timeStamp;
      if (found) {
        event.preventDefault();
        before = "";
        found.run();
      } else if (key === "?" && !typing && !inDialog) {
        event.preventDefault();
        setHelping(true);
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [all]);
  const help = useMemo(() => ({ all, open: () => setHelping(true) }), [all]);
  return (
    <KeysContext value={all}>
      <HelpContext value={help.open}>{children}</HelpContext>
      <Dialog open={isHelping} onClose={() => setHelping(false)} title="Keys">
        {isHelping && <KeyList shortcuts={[...all]} />}
      </Dialog>
    </KeysContext>
  );
}

const HelpContext = createContext<() => void>(() => undefined);

/** Shows the keys. */
export function useKeyHelp(): () => void {
  return use(HelpContext);
}

function KeyList({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  const groups = Map.groupBy([...shortcuts, { keys: "?", label: "These keys", group: "Everywhere" }], (each) => each.group);
  return (
    <div className="key-groups">
      {[...groups].map(([group, each]) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl className="keys">
            {each.map((shortcut) => (
              <div key={shortcut.keys + shortcut.label}>
                <dt>{shortcut.label}</dt>
                <dd>
                  <Keys keys={shortcut.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

const NAMED: Readonly<Record<string, string>> = { mod: "Ctrl", enter: "↵", escape: "Esc", arrowup: "↑", arrowdown: "↓" };

/** Keys as they look. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="nowrap">
      {keys.split(/[ +]/).map((key, place) => (
        <kbd key={place}>{NAMED[key] ?? key}</kbd>
      ))}
    </span>
  );
}
