/** How everybody stands to every purpose, and what was said day by day. */

import { useMemo } from "react";
import { useFirstLook } from "../../api/firstLook";
import type { ConsentFigures, PurposeFigures } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { useNoun } from "../../app/session";
import { AsOf, Badge, Based, Chart, Choice, DataTable, Empty, Figure, Panel, Select, bars, useFormat, type Column } from "../../parts";

type Every = "day" | "week" | "month";
const EVERY = [
  { value: "day", label: "Day" },
  { value: "week", label: "Week" },
  { value: "month", label: "Month" },
] as const;

export function Consents() {
  const found = useFirstLook("GET /api/v1/privacy/consents", {}, { staleTime: 30_000 });
  const noun = useNoun();
  const f = useFormat();
  const columns = useMemo(() => columnsOf(f, noun.many), [f, noun.many]);
  const figures = found.data;
  return (
    <div className="stack">
      <Based on={found.basis}>
        {figures && (
          <div className="figures-row">
            <Figure label={noun.Many} value={f.number(figures.customers)} to="/customers" words="whose data may be used for anything" />
            <Figure label="Restricted" value={f.number(figures.restricted)} words="kept, and used for nothing" definition="GDPR 18: their data is in no answer until they lift it." />
            {figures.purposes.slice(0, 3).map((each) => (
              <Figure key={each.purpose} label={each.label} value={f.share(figures.customers ? each.allowed / figures.customers : null, 0)} words={`${f.number(each.allowed)} ${noun.many}`} to={`/customers?rule=${encodeURIComponent(`consent.${each.purpose}`)}`} />
            ))}
          </div>
        )}
        <Panel title="By purpose" words={`A click on a number shows the ${noun.many}.`} flush of={found} foot={figures && <AsOf at={figures.as_of} exact={!figures.is_estimate} />}>
          <DataTable
            caption="By purpose"
            columns={columns}
            rows={figures?.purposes ?? []}
            rowKey={(row) => row.purpose}
            empty={
              <Empty icon="privacy" title="No purpose is declared yet">
                Say in policies/*.yaml what data is used for; segments with a purpose then hold only people with a basis for it.
              </Empty>
            }
          />
        </Panel>
        {figures && figures.purposes.length > 0 && <ByDay figures={figures} />}
      </Based>
    </div>
  );
}

function columnsOf(f: ReturnType<typeof useFormat>, many: string): Column<PurposeFigures>[] {
  const people = (rule: string, count: number) => (
    <Link to={`/customers?rule=${encodeURIComponent(rule)}`} title={`These ${many}`}>
      {f.number(count)}
    </Link>
  );
  return [
    {
      key: "label",
      header: "Purpose",
      value: (row) => row.label,
      width: "26%",
      cell: (row) => (
        <div>
          <div>{row.label}</div>
          <div className="quiet tiny">{row.description}</div>
        </div>
      ),
    },
    { key: "basis", header: "Legal basis", value: (row) => row.basis, cell: (row) => <Badge>{row.basis.replaceAll("_", " ")}</Badge>, minor: true },
    { key: "allowed", header: "Allowed now", number: true, value: (row) => row.allowed, cell: (row) => people(`consent.${row.purpose}`, row.allowed) },
    { key: "refused", header: "Refused", number: true, value: (row) => row.refused, cell: (row) => f.number(row.refused) },
    { key: "silent", header: "Said nothing", number: true, value: (row) => row.silent, cell: (row) => f.number(row.silent), minor: true },
    { key: "not", header: "Not allowed", number: true, cell: (row) => people(`not consent.${row.purpose}`, row.agreed + row.refused + row.silent - row.allowed) },
    {
      key: "used",
      header: "Used by",
      value: (row) => row.used_by.length,
      cell: (row) => (
        <span className="used-by tiny">
          {row.used_by.map((each) => {
            const [space = "", name = ""] = each.split(".");
            return (
              <Link key={each} to={space === "segment" ? `/segments/${encodeURIComponent(name)}` : `/data?tab=quality&table=features&column=${encodeURIComponent(name)}`}>
                {name}
              </Link>
            );
          })}
          {!row.used_by.length && <span className="quiet">nothing</span>}
        </span>
      ),
    },
  ];
}

function ByDay({ figures }: { figures: ConsentFigures }) {
  const f = useFormat();
  const [state, set] = useUrlState({ purpose: "", every: "week" as Every });
  const purpose = figures.purposes.find((each) => each.purpose === state.purpose)?.purpose ?? figures.purposes[0]?.purpose ?? "";
  const every = state.every as Every;
  const steps = useMemo(() => stepped(figures, purpose, every), [figures, purpose, every]);
  const drawn = useMemo(
    () =>
      bars({
        axis: every === "month" ? "Month" : every === "week" ? "Week of" : "Day",
        labels: steps.map((each) => (every === "month" ? each.start.slice(0, 7) : f.date(each.start))),
        series: [
          { name: "Agreed", values: steps.map((each) => each.agreed), color: (paint) => paint.series[0] ?? paint.accent },
          { name: "Refused", values: steps.map((each) => -each.refused), color: (paint) => paint.series[1] ?? paint.accent },
        ],
        format: (value) => f.number(value === null ? null : Math.abs(value)),
        stacked: true,
      }),
    [steps, every, f],
  );
  return (
    <Panel
      title="What was said"
      words="The year before, in local days; what was refused hangs below the line."
      actions={
        <>
          <Select aria-label="Purpose" value={purpose} onChange={(next) => set({ purpose: next })} of={figures.purposes.map((each) => ({ value: each.purpose, label: each.label }))} />
          <Choice label="By" value={every} of={EVERY} onChange={(next) => set({ every: next })} />
        </>
      }
    >
      {steps.length ? <Chart title="What was said" of={drawn} height={220} /> : <p className="quiet">Nothing was said about it in the year before.</p>}
    </Panel>
  );
}

const DAY_MS = 86_400_000;

function stepped(figures: ConsentFigures, purpose: string, every: Every): { start: string; agreed: number; refused: number }[] {
  const found = new Map<string, { start: string; agreed: number; refused: number }>();
  for (const each of figures.days) {
    if (each.purpose !== purpose) continue;
    const start = startOf(each.day, every);
    const step = found.get(start) ?? { start, agreed: 0, refused: 0 };
    found.set(start, { start, agreed: step.agreed + each.agreed, refused: step.refused + each.refused });
  }
  return [...found.values()];
}

function startOf(day: string, every: Every): string {
  if (every === "day") return day;
  if (every === "month") return `${day.slice(0, 7)}-01`;
  const at = new Date(`${day}T00:00:00Z`);
  return new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
}
