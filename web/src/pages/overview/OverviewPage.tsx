import { useUrlState } from "../../app/router";
import { useSession } from "../../app/session";
import { Choice, Page } from "../../parts";
import { Anomalies } from "./Anomalies";
import { DataHealth } from "./DataHealth";
import { KeyFigures, useFigures } from "./KeyFigures";
import { LiveFunnel } from "./LiveFunnel";
import { LiveMoves } from "./LiveMoves";
import { LiveSegments } from "./LiveSegments";
import { PrivacyGlance } from "./PrivacyGlance";
import { LOOKS, PERIODS, type Part, type Period } from "./roles";
import { Trend } from "./Trend";
import "./overview.css";

const WIDE: ReadonlySet<Part> = new Set(["trend", "privacy"]);

export default function OverviewPage() {
  const { role } = useSession();
  const look = LOOKS[role];
  const [state, set] = useUrlState({ days: "30", metric: "" });
  const period = PERIODS.find((each) => each.value === state.days) ?? PERIODS[1];
  const figures = useFigures(look.figures, period);
  // What takes longer lets the figures on top go first.
  const isTurn = look.figures.length === 0 || !figures.isPending;
  const part = (name: Part) => {
    switch (name) {
      case "trend":
        return <Trend key={name} found={figures} period={period} chosen={state.metric} onChoose={(metric) => set({ metric })} />;
      case "funnel":
        return <LiveFunnel key={name} />;
      case "segments":
        return <LiveSegments key={name} />;
      case "moves":
        return <LiveMoves key={name} />;
      case "anomalies":
        return <Anomalies key={name} isTurn={isTurn} />;
      case "data":
        return <DataHealth key={name} isTurn={isTurn} />;
      case "privacy":
        return <PrivacyGlance key={name} />;
    }
  };
  const beside = look.panels.filter((name) => !WIDE.has(name));
  return (
    <Page title="Overview" words={look.words} actions={look.figures.length > 0 && <PeriodChoice period={period} onChange={(days) => set({ days }, { push: true })} />}>
      {look.figures.length > 0 && <KeyFigures found={figures} period={period} chosen={state.metric} onChoose={(metric) => set({ metric })} />}
      {look.panels.filter((name) => WIDE.has(name)).map(part)}
      <div className="overview">
        {[0, 1].map((side) => (
          <div key={side} className="stack">
            {beside.filter((_, place) => place % 2 === side).map(part)}
          </div>
        ))}
      </div>
    </Page>
  );
}

function PeriodChoice({ period, onChange }: { period: Period; onChange: (days: string) => void }) {
  return <Choice label="Period" value={period.value} of={PERIODS} onChange={onChange} />;
}
