import type { SeenFunnel, SeenStep } from "../../api/types.gen";
import { useMay, useNoun } from "../../app/session";
import { useFormat } from "../../parts";
import { NOT_KNOWN, type StepMark } from "./draw";

/** The steps of a funnel in figures: who went on, who dropped out, how long it took. */
export function FunnelSteps({ found, onMark }: { found: SeenFunnel; onMark: (mark: StepMark) => void }) {
  const noun = useNoun();
  const parts = [{ label: found.groups.length ? `All ${noun.many}` : "", value: null as string | null, isPart: false, others: false, steps: found.steps }];
  parts.push(...found.groups.map((each) => ({ label: each.others ? "all others" : (each.value ?? NOT_KNOWN), value: each.value, isPart: true, others: each.others, steps: each.steps })));
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Steps in figures">
      <table className="table">
        <caption className="unseen">Steps in figures</caption>
        <thead>
          <tr>
            {found.groups.length > 0 && <th scope="col">{found.by}</th>}
            <th scope="col">Step</th>
            <th scope="col" className="number nowrap">Went on</th>
            <th scope="col" className="number nowrap">Of step before</th>
            <th scope="col" className="number nowrap">Of first</th>
            <th scope="col" className="number nowrap">Dropped</th>
            <th scope="col" className="number nowrap">Half within</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) =>
            part.steps.map((step, place) => (
              <Line key={`${part.label} ${place}`} label={found.groups.length ? part.label : null} step={step} before={part.steps[place - 1]} place={place} mark={part.others ? null : { value: part.value, isPart: part.isPart }} onMark={onMark} />
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

interface LineProps {
  label: string | null;
  step: SeenStep;
  before: SeenStep | undefined;
  place: number;
  mark: { value: string | null; isPart: boolean } | null;
  onMark: (mark: StepMark) => void;
}

function Line({ label, step, before, place, mark, onMark }: LineProps) {
  const f = useFormat();
  const dropped = step.customers === null || before?.customers === null || before === undefined ? null : before.customers - step.customers;
  return (
    <tr className={place === 0 && label !== null ? "measures-first" : undefined}>
      {label !== null && <td>{place === 0 ? label : ""}</td>}
      <td>{`${place + 1}. ${step.step}`}</td>
      <td className="number nowrap">
        <Count count={step.hidden ? null : step.customers} hidden={step.hidden} onClick={mark ? () => onMark({ step: place + 1, dropped: false, count: step.customers, ...mark }) : null} />
      </td>
      <td className="number nowrap">{place ? f.share(step.of_before) : ""}</td>
      <td className="number nowrap">{f.share(step.of_first)}</td>
      <td className="number nowrap">{place > 0 && <Count count={dropped} hidden={step.hidden} onClick={mark ? () => onMark({ step: place + 1, dropped: true, count: dropped, ...mark }) : null} />}</td>
      <td className="number nowrap">{place ? f.duration(step.median_s) : ""}</td>
    </tr>
  );
}

function Count({ count, hidden, onClick }: { count: number | null; hidden: boolean; onClick: (() => void) | null }) {
  const f = useFormat();
  const may = useMay();
  if (hidden) return <>&lt;10</>;
  if (!may("see_people") || !onClick || !count) return <>{f.number(count)}</>;
  return (
    <button type="button" className="link-button" onClick={onClick}>
      {f.number(count)}
    </button>
  );
}
