/** What sources say of somebody; in the clear only for a purpose, and that is written down. */

import { useState } from "react";
import { ask, type ProblemError } from "../../api/client";
import type { CustomerPage } from "../../api/types.gen";
import { Button, Check, Dialog, Field, Panel, Problem, Select } from "../../parts";
import { Value } from "./Value";

interface Clear {
  purpose: string;
  values: Record<string, string[]>;
}

export function Traits({ known }: { known: CustomerPage }) {
  const [isAsking, setAsking] = useState(false);
  const [clear, setClear] = useState<Clear | null>(null);
  const identifiers = known.clearable.filter((name) => !known.traits.some((each) => each.name === name));
  const has = clear && Object.values(clear.values).some((each) => each.length);
  return (
    <Panel
      title="Traits"
      actions={
        clear ? (
          <Button small kind="quiet" icon="lock" onClick={() => setClear(null)}>
            Hide again
          </Button>
        ) : known.clearable.length ? (
          <Button small kind="quiet" icon="key" onClick={() => setAsking(true)}>
            Show in the clear
          </Button>
        ) : undefined
      }
      foot={
        clear && (
          <span className="tiny quiet">
            {has ? `Shown for ${known.purposes[clear.purpose] ?? clear.purpose}; this is in the audit log.` : `There is no basis for ${known.purposes[clear.purpose] ?? clear.purpose}: nothing is shown.`}
          </span>
        )
      }
    >
      <dl className="facts-list">
        {identifiers.map((name) =>
          clear?.values[name]?.length ? (
            <div key={name}>
              <dt>{name.replaceAll("_", " ")}</dt>
              <dd className="clear">{clear.values[name].join(", ")}</dd>
            </div>
          ) : null,
        )}
        {known.traits.map((each) => (
          <div key={each.name}>
            <dt>{each.label}</dt>
            <dd>{clear?.values[each.name]?.length ? <span className="clear">{clear.values[each.name]?.join(", ")}</span> : <Value kind={each.personal ? "personal" : each.kind} value={each.value} unit={each.unit} />}</dd>
          </div>
        ))}
        {!known.traits.length && <p className="quiet">No source says anything of them.</p>}
      </dl>
      <Reveal known={known} open={isAsking} onClose={() => setAsking(false)} onShown={setClear} />
    </Panel>
  );
}

function Reveal({ known, open, onClose, onShown }: { known: CustomerPage; open: boolean; onClose: () => void; onShown: (clear: Clear) => void }) {
  const purposes = Object.entries(known.purposes);
  const [purpose, setPurpose] = useState(known.consents.find((each) => each.allowed)?.purpose ?? purposes[0]?.[0] ?? "");
  const [names, setNames] = useState<readonly string[]>(known.clearable);
  const [error, setError] = useState<ProblemError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const show = async () => {
    setBusy(true);
    setError(null);
    try {
      const said = await ask("GET /api/v1/customers/{id}", { path: { id: known.customer }, query: { show: names.join(","), purpose } });
      onShown({ purpose, values: said.clear });
      onClose();
    } catch (problem) {
      setError(problem as ProblemError);
    } finally {
      setBusy(false);
    }
  };
  const state = known.consents.find((each) => each.purpose === purpose);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Show in the clear"
      words="Who looked, at whom, and what for goes into the audit log."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="key" busy={isBusy} disabled={!purpose || !names.length} onClick={() => void show()}>
            Show
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="What for" hint={state && !state.allowed ? "They did not agree to this: nothing will be shown." : "Only where there is a basis for it."}>
          {(control) => <Select {...control} value={purpose} onChange={setPurpose} of={purposes.map(([value, label]) => ({ value, label }))} />}
        </Field>
        <fieldset>
          <legend className="field-label">What</legend>
          <div className="check-grid">
            {known.clearable.map((name) => (
              <Check key={name} label={name.replaceAll("_", " ")} checked={names.includes(name)} onChange={(on) => setNames(on ? [...names, name] : names.filter((each) => each !== name))} />
            ))}
          </div>
        </fieldset>
        {error && <Problem small error={error} />}
      </div>
    </Dialog>
  );
}
