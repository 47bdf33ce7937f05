/** Search: pages, segments, metrics, and people by an identifier. */

import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useAsk } from "../api/client";
import { Icon, type IconName } from "../parts/Icon";
import { customerAddress } from "../parts/People";
import { navigate } from "./router";
import { NAVIGATION } from "./routes";
import { useMay, useNoun } from "./session";

interface Goal {
  to: string;
  label: string;
  kind: string;
  icon: IconName;
}

const MOST = 12;

export function Jump({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const goals = useGoals(text);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const go = (goal: Goal | undefined) => {
    if (!goal) return;
    onClose();
    navigate(goal.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setPlace((place + (event.key === "ArrowDown" ? 1 : -1) + goals.length) % Math.max(1, goals.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(goals[place]);
    }
  };
  return (
    <dialog ref={dialog} className="dialog jump" aria-label="Search" onCancel={(event) => (event.preventDefault(), onClose())} onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
      <div className="dialog-box">
        <div className="jump-field">
          <Icon name="search" />
          <input
            autoFocus
            role="combobox"
            aria-label="Search pages, segments, metrics, people"
            aria-expanded="true"
            aria-controls="jump-list"
            aria-activedescendant={goals[place] ? `jump-${place}` : undefined}
            placeholder="Pages, segments, metrics, an id or an identifier such as user_id:42"
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => (setText(event.target.value), setPlace(0))}
            onKeyDown={onKeyDown}
          />
          <kbd>Esc</kbd>
        </div>
        <ul id="jump-list" role="listbox" aria-label="Found" className="jump-list">
          {goals.map((goal, at) => (
            <li key={goal.to + goal.label} id={`jump-${at}`} role="option" aria-selected={at === place} onClick={() => go(goal)} onMouseMove={() => setPlace(at)}>
              <Icon name={goal.icon} />
              <span className="grow">{goal.label}</span>
              <span className="quiet tiny">{goal.kind}</span>
            </li>
          ))}
        </ul>
        {!goals.length && <p className="jump-none quiet">Nothing is called like this.</p>}
      </div>
    </dialog>
  );
}

function useGoals(text: string): Goal[] {
  const may = useMay();
  const noun = useNoun();
  const segments = useAsk("GET /api/v1/segments", {}, { staleTime: 30_000 });
  const metrics = useAsk("GET /api/v1/metrics", {}, { staleTime: 300_000 });
  const people = may("see_people");
  const all = useMemo<Goal[]>(
    () => [
      ...NAVIGATION.flatMap((group) => group.items)
        .filter((item) => !item.needs || may(item.needs))
        .map((item) => ({ to: item.to, label: item.isPeople ? noun.Many : item.label, kind: "page", icon: item.icon })),
      ...(segments.data ?? []).map((each) => ({ to: `/segments/${encodeURIComponent(each.name)}`, label: each.label || each.name, kind: "segment", icon: "segments" as const })),
      ...(metrics.data ?? []).map((each) => ({ to: `/measures/${encodeURIComponent(each.metric)}`, label: each.label, kind: "metric", icon: "line" as const })),
    ],
    // eslint-disable-next-line
    [segments.data, metrics.data, noun.Many],
  );
  const wanted = text.trim().toLowerCase();
  const found = all.filter((goal) => goal.label.toLowerCase().includes(wanted) || goal.to.includes(wanted)).slice(0, MOST);
  if (people && wanted.length > 2) found.push({ to: customerAddress(text.trim()), label: text.trim(), kind: noun.one, icon: "person" });
  return found;
}
