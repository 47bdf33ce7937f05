/** Values that somebody writes into a rule, in the control that fits their kind. */

import { use, useState } from "react";
import { Combobox, Icon, Select } from "../../parts";
import { DurationField } from "./Times";
import { constant, constantOf, isTree, isUnset, type Kind, type Tree } from "./tree";
import { DateField, NumberField } from "./Typed";
import { isNumeric, kindOf, RowContext, useValues, useVocabulary, valuesOf } from "./vocabulary";

interface ConstantProps {
  value: unknown;
  kind: Kind | null;
  /** What it is compared with: its values are suggested. */
  beside?: unknown;
  label?: string;
  /** One of several: it is taken when one goes on, not with every letter. */
  late?: boolean;
  /** Nothing has to be chosen. */
  another?: boolean;
  onChange: (value: Tree) => void;
}

const YES_NO = [
  { value: "true", label: "yes" },
  { value: "false", label: "no" },
] as const;

export function ConstantField({ value, kind: wanted, beside, label = "Value", late, another, onChange }: ConstantProps) {
  const text = constantOf(value);
  const isOpen = isUnset(value) && !another;
  const kind = wanted ?? (isTree(value) ? (value["kind"] as Kind) : null);
  const when = { ...(late ? { late } : {}), ...(isOpen ? { invalid: true } : {}) };
  if (kind === "boolean") return <Select aria-label={label} value={text === "false" ? "false" : "true"} onChange={(next) => onChange(constant("boolean", next === "true"))} of={YES_NO} />;
  if (kind === "duration") return <DurationField zero label={label} value={text || "30d"} onChange={(next) => onChange(constant("duration", next))} />;
  if (kind === "time" || kind === "date") return <DateField label={label} value={text} onChange={(next) => onChange(constant("time", next))} {...when} />;
  if (isNumeric(kind)) {
    return <NumberField label={label} value={text} placeholder={another ? "another" : "number"} onChange={(next) => onChange(constant(kind ?? "number", next))} {...(late ? {} : { onClear: () => onChange(constant(kind ?? "number", null)) })} {...when} />;
  }
  return <TextField label={label} text={text} isEmpty={isTree(value) && value["value"] === ""} beside={beside} isOpen={isOpen} onChange={(next) => onChange(constant("text", next))} />;
}

/** Stands for the text without a letter among those to choose from: a field without a letter is one that nothing was chosen in. */
const EMPTY = "\u0000";

function TextField({ label, text, isEmpty, beside, isOpen, onChange }: { label: string; text: string; isEmpty: boolean; beside: unknown; isOpen: boolean; onChange: (value: string | null) => void }) {
  const row = use(RowContext);
  const [like, setLike] = useState("");
  const words = useVocabulary();
  const about = kindOf(words, beside, row) === null ? null : valuesOf(beside, row);
  const known = useValues(about?.event ?? null, about?.name ?? "", like, about !== null);
  const options = [...known, { value: EMPTY, label: "(empty text)" }];
  return <Combobox inline free label={label} value={isEmpty ? EMPTY : text} options={options} onType={setLike} onChange={(next) => onChange(next === EMPTY ? "" : next === "" ? null : next)} placeholder={isOpen ? "choose or type" : "another"} invalid={isOpen} />;
}

const CALLED: Readonly<Record<string, string>> = { true: "yes", false: "no", "": "(empty text)" };

/** Several values, each a chip that can be taken out, and one more to add. */
export function ConstantsField({ values, kind, beside, onChange }: { values: readonly Tree[]; kind: Kind | null; beside?: unknown; onChange: (values: readonly Tree[]) => void }) {
  const known = values.filter((each) => !isUnset(each));
  const add = (next: Tree) => {
    if (isUnset(next) || known.some((each) => constantOf(each) === constantOf(next))) return;
    onChange([...known, next]);
  };
  const left = YES_NO.filter((each) => !known.some((one) => constantOf(one) === each.value));
  return (
    <span className="rule-words">
      {known.map((each, place) => {
        const said = CALLED[constantOf(each)] ?? constantOf(each);
        return (
          <span key={constantOf(each)} className="rule-chip">
            {said}
            <button type="button" aria-label={`Take out ${said}`} onClick={() => onChange(known.length === 1 ? [constant(kind ?? "text", null)] : known.filter((_, at) => at !== place))}>
              <Icon name="close" size={12} />
            </button>
          </span>
        );
      })}
      {kind === "boolean" ? (
        left.map((each) => (
          <button key={each.value} type="button" className="rule-small" onClick={() => add(constant("boolean", each.value === "true"))}>
            + {each.label}
          </button>
        ))
      ) : (
        <ConstantField key={known.length} value={constant(kind ?? "text", null)} kind={kind} beside={beside} label={known.length ? "Another value" : "Value"} late another={known.length > 0} onChange={add} />
      )}
    </span>
  );
}
