import { useMemo } from "react";
import { keepPreviousData } from "@tanstack/react-query";
import { useAsk, type Answer } from "../../api/client";
import { useUrlState } from "../../app/router";
import { useNoun } from "../../app/session";
import { bars, Chart, Choice, Combobox, Panel, useFormat } from "../../parts";

type Spread = Answer<"GET /api/v1/segments/{name}/spread">;

/** How one feature or trait is spread over the segment, beside everybody. */
export function SpreadTab({ name, label }: { name: string; label: string }) {
  const words = useAsk("GET /api/v1/vocabulary", undefined, { staleTime: 60_000 });
  const options = useMemo(
    () => [
      ...(words.data?.features ?? []).map((each) => ({ value: `feature.${each.name}`, label: each.label || each.name, hint: "feature" })),
      ...(words.data?.traits ?? []).filter((each) => ["text", "boolean", "integer"].includes(each.kind)).map((each) => ({ value: `trait.${each.name}`, label: each.label || each.name, hint: "trait" })),
    ],
    [words.data],
  );
  const [state, set] = useUrlState({ of: "", as: "share" });
  const of = state.of || options[0]?.value || "";
  const found = useAsk("GET /api/v1/segments/{name}/spread", { path: { name }, query: { of } }, { enabled: of !== "", placeholderData: keepPreviousData });
  const f = useFormat();
  const noun = useNoun();
  const drawn = useMemo(() => found.data && barsOf(found.data, label, noun.many, state.as === "share", f.share, f.number), [found.data, label, noun.many, state.as, f]);
  return (
    <Panel
      title={found.data ? `${found.data.label}${found.data.unit ? ` (${found.data.unit})` : ""}` : "Distribution"}
      words="The segment beside everybody, over the same edges."
      of={found}
      height={360}
      actions={
        <>
          <Combobox label="Feature or trait" value={of} options={options} onChange={(next) => set({ of: next })} />
          <Choice
            label="Shown as"
            value={state.as}
            onChange={(as) => set({ as })}
            of={[
              { value: "share", label: "Share" },
              { value: "count", label: noun.Many },
            ]}
          />
        </>
      }
      foot={found.data && <span>{`${f.number(found.data.customers)} in the segment and ${f.number(found.data.everybody)} in all have a value`}</span>}
    >
      {drawn && <Chart title={found.data?.label ?? "Distribution"} of={drawn} height={360} />}
    </Panel>
  );
}

function barsOf(spread: Spread, label: string, many: string, asShare: boolean, share: (value: number | null) => string, number: (value: number | null) => string) {
  const total = (key: "customers" | "everybody") => spread.bars.reduce((sum, each) => sum + (each[key] ?? 0), 0) || 1;
  const values = (key: "customers" | "everybody") => spread.bars.map((each) => (each[key] === null ? null : asShare ? each[key] / total(key) : each[key]));
  const edge = (text: string) => (Number.isNaN(Number(text)) || text === "" ? text : number(Number(text)));
  return bars({
    labels: spread.bars.map((each) => (each.low === each.high ? edge(each.low) : `${edge(each.low) || "…"} – ${edge(each.high) || "…"}`)),
    axis: spread.label,
    series: [
      { name: label, values: values("customers") },
      { name: `All ${many}`, values: values("everybody"), isAgainst: true },
    ],
    format: asShare ? share : number,
  });
}
