/** Values that somebody writes into a rule, in the control that fits their kind. */

import { use, useState } from "react";
import { Combobox, Icon, Input, Select } from "../../parts";
import { DurationField } from "./Times";
import { constant, constantOf, isUnset, type Kind, type Tree } from "./tree";
import { isNumeric, RowContext, useValues, valuesOf } from "./vocabulary";

interface ConstantProps {
  value: unknown;
  kind: Kind | null;
  /** What it is compared with: its values are suggested. */
  beside?: unknown;
  label?: string;
  /** Nothing has to be chosen. */
  optional?: boolean;
  onChange: (value: Tree) => void;
}

export function ConstantField({ value, kind, beside, label = "Value", optional, onChange }: ConstantProps) {
  const text = constantOf(value);
  const isOpen = isUnset(value) && !optional;
  if (kind === "boolean") {
    return (
      <Select
        aria-label={label}
        value={text === "false" ? "false" : "true"}
        onChange={(next) => onChange(constant("boolean", next === "true"))}
        of={[
          { value: "true", label: "yes" },
          { value: "false", label: "no" },
        ]}
      />
    );
  }
  if (kind === "duration") return <DurationField label={label} value={text || "30d"} onChange={(next) => onChange(constant("duration", next))} />;
  if (kind === "time" || kind === "date") return <Input type="date" className="rule-date" aria-label={label} value={text.slice(0, 10)} onChange={(next) => next && onChange(constant("time", next))} />;
  if (isNumeric(kind)) return <NumberField label={label} text={text} isUnset={isOpen} onChange={(next) => onChange(constant(kind ?? "number", next))} />;
  return <TextField label={label} text={text} beside={beside} isUnset={isOpen} onChange={(next) => onChange(constant("text", next === "" ? null : next))} />;
}

/** Keeps what is typed until it is a number. */
function NumberField({ label, text, isUnset: unset, onChange }: { label: string; text: string; isUnset: boolean; onChange: (value: string | null) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? text;
  return (
    <Input
      inputMode="decimal"
      className="rule-number"
      aria-label={label}
      aria-invalid={unset || undefined}
      placeholder="number"
      value={shown}
      onChange={(next) => {
        setTyped(next);
        if (/^-?\d+(\.\d+)?$/.test(next.trim())) onChange(next.trim());
        else if (next.trim() === "") onChange(null);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

function TextField({ label, text, beside, isUnset: unset, onChange }: { label: string; text: string; beside: unknown; isUnset: boolean; onChange: (value: string) => void }) {
  const row = use(RowContext);
  const [like, setLike] = useState("");
  const about = valuesOf(beside, row);
  const options = useValues(about?.event ?? null, about?.name ?? "", like, about !== null);
  return <Combobox inline free label={label} value={text} options={options} onType={setLike} onChange={onChange} placeholder={unset ? "choose or type" : "another"} invalid={unset} />;
}

/** Several values, each a chip that can be taken out, and one more to add. */
export function ConstantsField({ values, kind, beside, onChange }: { values: readonly Tree[]; kind: Kind | null; beside?: unknown; onChange: (values: readonly Tree[]) => void }) {
  const known = values.filter((each) => !isUnset(each));
  const add = (next: Tree) => {
    if (isUnset(next) || known.some((each) => constantOf(each) === constantOf(next))) return;
    onChange([...known, next]);
  };
  return (
    <span className="rule-words">
      {known.map((each, place) => (
        <span key={constantOf(each)} className="rule-chip">
          {constantOf(each)}
          <button type="button" aria-label={`Take out ${constantOf(each)}`} onClick={() => onChange(known.length === 1 ? [constant(kind ?? "text", null)] : known.filter((_, at) => at !== place))}>
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      <ConstantField key={known.length} value={constant(kind ?? "text", null)} kind={kind} beside={beside} label={known.length ? "Another value" : "Value"} optional={known.length > 0} onChange={add} />
    </span>
  );
}
