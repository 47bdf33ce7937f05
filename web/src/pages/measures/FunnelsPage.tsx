import { useMemo } from "react";
import { useFirstLook } from "../../api/firstLook";
import type { SeenFunnel } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { AsOf, asCurl, Based, Button, Chart, Choice, Combobox, Copy, Empty, Field, Figure, Input, Page, Panel, Skeleton, useFormat, usePeople } from "../../parts";
import { AboutBar, aboutQuery, aboutWords, dimensionOptions, useAbout, useVocabulary, type About } from "./asked";
import { funnelBars, NOT_KNOWN, type StepMark } from "./draw";
import { FunnelSteps } from "./FunnelSteps";
import { behindMark } from "./marks";
import { StepEditor } from "./StepEditor";
import "./measures.css";

const ORDERS = [
  { value: "ordered", label: "Ordered" },
  { value: "strict", label: "Strict" },
  { value: "any", label: "Any" },
];
const ORDER_WORDS: Record<string, string> = {
  ordered: "One after the other, whatever lies between.",
  strict: "One after the other, with nothing else between.",
  any: "In any order: the second step is two of them.",
};
const USUAL = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"];

/** How many people take steps one after the other, how long it takes them, and who does not. */
export default function FunnelsPage() {
  const [about, setAbout] = useAbout(90);
  const [state, set] = useUrlState({ step: [] as string[], within: "7d", order: "ordered", by: "" });
  const vocabulary = useVocabulary();
  const names = useMemo(() => vocabulary.data?.events.map((each) => each.name) ?? [], [vocabulary.data]);
  const usual = useMemo(() => (USUAL.filter((each) => names.includes(each)).length > 1 ? USUAL.filter((each) => names.includes(each)) : names.slice(0, 2)), [names]);
  const steps = state.step.length ? state.step : usual;
  const asked = { steps: JSON.stringify(steps), within: state.within, order: state.order, by: state.by, ...aboutQuery(about) };
  const found = useFirstLook("GET /api/v1/funnel", { query: asked }, { enabled: steps.length > 1 });
  const show = useStepPeople(asked, about, steps, found.data?.is_estimate ?? false);
  return (
    <Page
      title="Funnels"
      words="How many take each step after the one before, within a time, and who drops out."
      actions={
        <Copy
          as={[
            { label: "Command", text: commandOf(steps, state) },
            { label: "curl", text: asCurl("GET /api/v1/funnel", { query: asked }) },
          ]}
        />
      }
    >
      <AboutBar about={about} onChange={setAbout} allTime />
      <Based on={found.basis}>
        <div className="main-and-side measures-funnel">
          <div className="stack">
            {found.data?.steps[0]?.customers !== 0 && found.data && <Headline found={found.data} />}
            <Panel title="From step to step" words="A click on a bar gives those who went on, or those who dropped out." of={found} height={320} foot={found.data && <AsOf at={found.data.until} exact={!found.data.rounded && !found.data.is_estimate} />}>
              {found.data && (steps.length > 1 ? <Shown found={found.data} onMark={show} /> : <Empty title="A funnel has two steps or more" icon="funnel" />)}
            </Panel>
          </div>
          <Panel title="Steps">
            {vocabulary.isPending ? (
              <Skeleton lines={6} />
            ) : (
              <div className="stack">
                <StepEditor steps={steps} vocabulary={vocabulary.data} onChange={(step) => set({ step })} />
                <Field label="Within">
                  {(c) => <Input {...c} value={state.within} placeholder="no limit" pattern="([0-9]+[wdhms])*" onChange={(within) => set({ within })} list="measures-within" />}
                </Field>
                <datalist id="measures-within">
                  {["30m", "1h", "1d", "7d", "30d", "90d"].map((each) => (
                    <option key={each} value={each} />
                  ))}
                </datalist>
                <div className="field">
                  <span className="field-label">Order</span>
                  <Choice label="Order" value={state.order} of={ORDERS} onChange={(order) => set({ order })} />
                  <span className="field-hint">{ORDER_WORDS[state.order]}</span>
                </div>
                <Field label="Part it by">
                  {(c) => <Combobox id={c.id} label="Part it by" value={state.by} options={dimensionOptions(vocabulary.data, steps[0] ?? "")} onChange={(by) => set({ by })} />}
                </Field>
                {state.step.length > 0 && (
                  <Button kind="quiet" icon="undo" onClick={() => set({ step: [] })}>
                    The usual steps
                  </Button>
                )}
              </div>
            )}
          </Panel>
        </div>
      </Based>
    </Page>
  );
}

function commandOf(steps: readonly string[], { within, order, by }: { within: string; order: string; by: string }): string {
  const options = [within && `--within ${within}`, order !== "ordered" && `--order ${order}`, by && `--by ${by}`];
  return ["habitue funnel", ...steps.map((each) => JSON.stringify(each)), ...options].filter(Boolean).join(" ");
}

function useStepPeople(asked: Record<string, string | number | boolean | undefined>, about: About, steps: readonly string[], isEstimate: boolean) {
  const people = usePeople();
  const may = useMay();
  return (mark: StepMark) => {
    if (!may("see_people")) return;
    const { by, ...whole } = asked;
    const part = mark.isPart ? { by, ...(mark.value === null ? {} : { value: mark.value }) } : {};
    const step = steps[mark.step - 1] ?? "";
    people(
      behindMark("GET /api/v1/funnel/people", { ...whole, ...part, step: mark.step, dropped: mark.dropped }, {
        title: mark.dropped ? `Did not go on to “${step}”` : mark.step === 1 ? `Did “${step}”` : `Went on to “${step}”`,
        count: isEstimate ? null : mark.count,
        filters: { Funnel: steps.join(" → "), ...(mark.isPart ? { [String(by)]: mark.value ?? NOT_KNOWN } : {}), ...aboutWords(about) },
      }),
    );
  };
}

function Headline({ found }: { found: SeenFunnel }) {
  const f = useFormat();
  const noun = useNoun();
  const [first, last] = [found.steps[0], found.steps.at(-1)];
  if (!first || !last) return null;
  const worst = found.steps.slice(1).reduce((least, each) => ((each.of_before ?? 1) < (least.of_before ?? 1) ? each : least), found.steps[1] ?? last);
  return (
    <div className="figures-row">
      <Figure label="All the way" value={f.share(last.of_first)} words={`${f.number(last.customers)} of ${f.number(first.customers)} ${noun.many}`} definition="Who took the last step, of those who took the first." />
      <Figure label="Half of them within" value={f.duration(last.median_s)} words="from the first step to the last" definition="The median of the shortest time from the first step to the last." />
      <Figure label="Most drop out before" value={<span className="measures-name">{worst.step}</span>} words={`${f.share(worst.of_before)} go on to it`} />
    </div>
  );
}

function Shown({ found, onMark }: { found: SeenFunnel; onMark: (mark: StepMark) => void }) {
  const f = useFormat();
  const drawn = useMemo(() => funnelBars(found, f), [found, f]);
  if (found.steps[0]?.customers === 0) {
    return (
      <Empty title={`Nobody did “${found.steps[0].step}” in this time`} icon="funnel">
        Choose a longer time, or another first step.
      </Empty>
    );
  }
  return (
    <div className="stack">
      <Chart title="Funnel" of={drawn} height={260} onMark={onMark} />
      <FunnelSteps found={found} onMark={onMark} />
    </div>
  );
}
