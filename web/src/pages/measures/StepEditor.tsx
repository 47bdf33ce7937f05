import { useRef } from "react";
import type { Vocabulary } from "../../api/types.gen";
import { Button, Combobox, IconButton, Input } from "../../parts";
import { eventOf, eventOptions } from "./asked";

interface StepEditorProps {
  steps: readonly string[];
  vocabulary: Vocabulary | undefined;
  onChange: (steps: string[]) => void;
  /** The fewest that have to stay. */
  least?: number;
  most?: number;
  add?: string;
}

const WHERE = " where ";

/** Steps in order, each an event and, where wished, a condition on it; moved with buttons, so that a keyboard can. */
export function StepEditor({ steps, vocabulary, onChange, least = 2, most = 20, add = "Add a step" }: StepEditorProps) {
  const list = useRef<HTMLOListElement>(null);
  const change = (place: number, step: string) => onChange(steps.map((each, at) => (at === place ? step : each)));
  const move = (place: number, by: number) => {
    const next = [...steps];
    next.splice(place + by, 0, ...next.splice(place, 1));
    onChange(next);
    requestAnimationFrame(() => list.current?.children[place + by]?.querySelector<HTMLButtonElement>(by < 0 ? "[data-up]" : "[data-down]")?.focus());
  };
  const options = eventOptions(vocabulary);
  return (
    <div className="stack tight">
      <ol className="measures-steps" ref={list}>
        {steps.map((step, place) => (
          <li key={place}>
            <StepField step={step} place={place} vocabulary={vocabulary} onChange={(next) => change(place, next)} />
            <span className="measures-step-tools">
              <IconButton small icon="up" label={`Move step ${place + 1} up`} disabled={place === 0} data-up onClick={() => move(place, -1)} />
              <IconButton small icon="down" label={`Move step ${place + 1} down`} disabled={place === steps.length - 1} data-down onClick={() => move(place, 1)} />
              <IconButton small icon="close" label={`Take step ${place + 1} out`} disabled={steps.length <= least} onClick={() => onChange(steps.filter((_, at) => at !== place))} />
            </span>
          </li>
        ))}
      </ol>
      <Button icon="plus" disabled={steps.length >= most} onClick={() => onChange([...steps, options.find((each) => !steps.includes(each.value))?.value ?? options[0]?.value ?? ""])}>
        {add}
      </Button>
    </div>
  );
}

/** One event with its condition. */
export function StepField({ step, place, vocabulary, onChange, label }: { step: string; place: number; vocabulary: Vocabulary | undefined; onChange: (step: string) => void; label?: string }) {
  const event = eventOf(vocabulary, step);
  const name = event?.name ?? step;
  const where = step.startsWith(name + WHERE) ? step.slice((name + WHERE).length) : null;
  const properties = event?.properties.map((each) => each.name).join(", ");
  const said = label ?? `Step ${place + 1}`;
  return (
    <div className="stack tight grow">
      <Combobox label={said} value={name} options={eventOptions(vocabulary)} onChange={(next) => next && onChange(where ? `${next}${WHERE}${where}` : next)} />
      {where === null ? (
        <button type="button" className="link-button tiny measures-where" onClick={() => onChange(`${name}${WHERE}`)}>
          Only where …
        </button>
      ) : (
        <Input
          key={name}
          aria-label={`${said}: only where`}
          className="mono"
          defaultValue={where}
          placeholder={properties ? `of ${properties}` : "channel == 'web'"}
          title={properties ? `Properties: ${properties}` : undefined}
          onBlur={(left) => onChange(left.target.value.trim() ? `${name}${WHERE}${left.target.value.trim()}` : name)}
          onKeyDown={(key) => key.key === "Enter" && key.currentTarget.blur()}
        />
      )}
    </div>
  );
}
