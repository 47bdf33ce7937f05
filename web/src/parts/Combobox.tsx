import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Icon } from "./Icon";

export interface ComboOption {
  value: string;
  label: string;
  /** Beside the label: how many, what kind. */
  hint?: string;
  /** What it is, in words: shown below it, and found by them. */
  about?: string;
  group?: string;
}

interface ComboboxProps {
  label: string;
  value: string;
  options: readonly ComboOption[];
  onChange: (value: string) => void;
  /** What is typed counts too. */
  free?: boolean;
  placeholder?: string;
  /** Told what is typed, to load other options. */
  onType?: (text: string) => void;
  id?: string;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string | undefined;
  /** Grows with what it says: for rows of a rule. */
  inline?: boolean;
}

const MOST = 100;

/** A text field that offers what fits; arrows choose, Enter takes, Escape leaves it as it was. */
export function Combobox({ label, value, options, onChange, free, placeholder, onType, id, disabled, invalid, describedBy, inline }: ComboboxProps) {
  const own = useId();
  const list = `${own}-list`;
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [place, setPlace] = useState(0);
  const chosen = options.find((each) => each.value === value);
  const shown = typed ?? chosen?.label ?? value;
  const found = useMemo(() => fitting(options, typed), [options, typed]);

  const take = (next: string) => {
    setTyped(null);
    setOpen(false);
    if (next !== value) onChange(next);
  };
  const open = () => {
    if (isOpen) return;
    setOpen(true);
    setPlace(Math.max(0, found.findIndex((each) => each.value === value)));
  };
  const settle = () => {
    setOpen(false);
    if (typed === null) return;
    const exact = options.find((each) => each.label.toLowerCase() === typed.trim().toLowerCase() || each.value === typed.trim());
    if (exact) take(exact.value);
    else if (free) take(typed.trim());
    else setTyped(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return open();
      const by = event.key === "ArrowDown" ? 1 : -1;
      setPlace((place + by + found.length) % Math.max(1, found.length));
      document.getElementById(`${own}-${(place + by + found.length) % Math.max(1, found.length)}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      const option = found[place];
      if (option && !(free && typed !== null && !found.length)) take(option.value);
      else settle();
    } else if (event.key === "Escape" && (isOpen || typed !== null)) {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
      setOpen(false);
    }
  };
  return (
    <span className={inline ? "combo inline" : "combo"}>
      <input
        ref={input}
        id={id}
        className="input"
        role="combobox"
        aria-label={id ? undefined : label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? list : undefined}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && found[place] ? `${own}-${place}` : undefined}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        autoComplete="off"
        spellCheck={false}
        disabled={disabled}
        placeholder={placeholder}
        value={shown}
        size={inline ? Math.max(4, Math.min(40, (shown || placeholder || "").length + 1)) : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          setOpen(true);
          setPlace(0);
          onType?.(event.target.value);
        }}
        onClick={open}
        onFocus={(event) => event.target.select()}
        onBlur={settle}
        onKeyDown={onKeyDown}
      />
      <Icon name="down" size={14} />
      {isOpen && (
        <ul id={list} role="listbox" aria-label={label} className="combo-list">
          {found.map((option, at) => (
            <li
              key={option.value}
              id={`${own}-${at}`}
              role="option"
              aria-selected={at === place}
              className={option.value === value ? "chosen" : undefined}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(option.value)}
              onMouseMove={() => setPlace(at)}
            >
              <span className="grow">
                {option.label}
                {option.about && <span className="combo-about">{option.about}</span>}
              </span>
              {option.hint && <span className="quiet tiny">{option.hint}</span>}
            </li>
          ))}
          {!found.length && <li className="quiet" role="presentation">{free ? "Enter takes what you typed" : "Nothing fits"}</li>}
        </ul>
      )}
    </span>
  );
}

function fitting(options: readonly ComboOption[], typed: string | null): readonly ComboOption[] {
  const wanted = typed?.trim().toLowerCase();
  if (!wanted) return options.slice(0, MOST);
  const rank = (each: ComboOption) => {
    const text = each.label.toLowerCase();
    if (text.startsWith(wanted)) return 0;
    if (text.split(/[\s_.]+/).some((word) => word.startsWith(wanted))) return 1;
    if (text.includes(wanted) || each.value.toLowerCase().includes(wanted)) return 2;
    return each.about?.toLowerCase().includes(wanted) ? 3 : 4;
  };
  return options
    .map((option) => ({ option, rank: rank(option) }))
    .filter((each) => each.rank < 4)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MOST)
    .map((each) => each.option);
}
