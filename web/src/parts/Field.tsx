import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

interface FieldProps {
  label: string;
  /** The label is told, not shown. */
  bare?: boolean;
  hint?: ReactNode;
  error?: string | null | undefined;
  /** Gets what ties the control to label, hint and error. */
  children: (control: { id: string; "aria-describedby": string | undefined; "aria-invalid": true | undefined }) => ReactNode;
}

/** A label, a control, and what is to be said of it: `<Field label="Name">{(c) => <Input {...c} value=… />}</Field>`. */
export function Field({ label, bare, hint, error, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={bare ? "unseen" : "field-label"}>
        {label}
      </label>
      {children({ id, "aria-describedby": hint || error ? `${id}-more` : undefined, "aria-invalid": error ? true : undefined })}
      {(hint || error) && (
        <div id={`${id}-more`} className={error ? "field-error" : "field-hint"} aria-live={error ? "polite" : undefined}>
          {error || hint}
        </div>
      )}
    </div>
  );
}

type InputProps = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "size"> & {
  onChange?: (value: string) => void;
  icon?: IconName;
  ref?: Ref<HTMLInputElement>;
};

export function Input({ onChange, icon, className, ...rest }: InputProps) {
  const input = <input autoComplete="off" spellCheck={false} {...rest} className={`input ${className ?? ""}`} onChange={(event) => onChange?.(event.target.value)} />;
  if (!icon) return input;
  return (
    <span className="with-icon">
      <Icon name={icon} />
      {input}
    </span>
  );
}

type AreaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange"> & { onChange?: (value: string) => void; ref?: Ref<HTMLTextAreaElement> };

export function TextArea({ onChange, className, ...rest }: AreaProps) {
  return <textarea rows={4} spellCheck={false} {...rest} className={`input area ${className ?? ""}`} onChange={(event) => onChange?.(event.target.value)} />;
}

type SelectProps<T extends string> = Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value"> & {
  value: T;
  onChange: (value: T) => void;
  of: readonly { value: T; label: string; disabled?: boolean }[];
};

/** Of a short list, one. */
export function Select<T extends string>({ value, onChange, of, className, ...rest }: SelectProps<T>) {
  return (
    <select {...rest} className={`input select ${className ?? ""}`} value={value} onChange={(event) => onChange(event.target.value as T)}>
      {of.map((each) => (
        <option key={each.value} value={each.value} disabled={each.disabled}>
          {each.label}
        </option>
      ))}
    </select>
  );
}

/** Yes or no. */
export function Check({ label, checked, onChange, hint, disabled }: { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; hint?: string; disabled?: boolean }) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {label}
        {hint && <span className="quiet tiny"> {hint}</span>}
      </span>
    </label>
  );
}
