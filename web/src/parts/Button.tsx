import { useRef, type ButtonHTMLAttributes, type ReactNode, type Ref } from "react";
import { Link } from "../app/router";
import { Icon, type IconName } from "./Icon";
import { Tooltip } from "./Tooltip";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> & {
  kind?: ButtonKind;
  icon?: IconName;
  small?: boolean;
  /** Shows that it works, and takes no more clicks. */
  busy?: boolean;
  submits?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

/** Does something. One `primary` a page. */
export function Button({ kind = "plain", icon, small, busy, submits, disabled, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={submits ? "submit" : "button"}
      className={`button ${kind}${small ? " small-button" : ""}${className ? ` ${className}` : ""}`}
      disabled={disabled}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className="spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** Goes somewhere, and looks like a button. */
export function ButtonLink({ to, kind = "plain", icon, small, children }: { to: string; kind?: ButtonKind; icon?: IconName; small?: boolean; children: ReactNode }) {
  return (
    <Link to={to} className={`button ${kind}${small ? " small-button" : ""}`}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

type IconButtonProps = Omit<ButtonProps, "children" | "icon" | "kind"> & { icon: IconName; label: string; kind?: ButtonKind };

/** A drawing that does something; its label is told and shown on hover. */
export function IconButton({ icon, label, kind = "quiet", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <Button {...rest} kind={kind} icon={icon} className={`icon-button ${rest.className ?? ""}`} aria-label={label} />
    </Tooltip>
  );
}

/** Of several, one: `<Choice label="By" value={by} onChange={setBy} of={[{ value: "day", label: "Day" }]} />`. */
export function Choice<T extends string>({ label, value, of, onChange }: { label: string; value: T; of: readonly { value: T; label: string; icon?: IconName }[]; onChange: (value: T) => void }) {
  const group = useRef<HTMLDivElement>(null);
  const move = (by: number) => {
    const place = of.findIndex((each) => each.value === value);
    const next = of[(place + by + of.length) % of.length];
    if (!next) return;
    onChange(next.value);
    group.current?.querySelectorAll("button")[of.indexOf(next)]?.focus();
  };
  return (
    <div className="choice" role="radiogroup" aria-label={label} ref={group}>
      {of.map((each) => (
        <button
          key={each.value}
          type="button"
          role="radio"
          aria-checked={each.value === value}
          tabIndex={each.value === value ? 0 : -1}
          onClick={() => onChange(each.value)}
          onKeyDown={(event) => {
            const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
            if (!by) return;
            event.preventDefault();
            move(by);
          }}
        >
          {each.icon && <Icon name={each.icon} />}
          {each.label}
        </button>
      ))}
    </div>
  );
}
