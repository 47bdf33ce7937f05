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

export default function OverviewPage() {
  const { role } = useSession();
  const look = LOOKS[role];
  const [state, set] = useUrlState({ days: "30", metric: "" });
  const period = PERIODS.find((each) => each.value === state.days) ?? PERIODS[1];
  const figures = useFigures(look.figures, period);
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
        return <Anomalies key={name} />;
      case "data":
        return <DataHealth key={name} />;
      case "privacy":
        return <PrivacyGlance key={name} />;
    }
  };
  return (
    <Page title="Overview" words={look.words} actions={look.figures.length > 0 && <PeriodChoice period={period} onChange={(days) => set({ days }, { push: true })} />}>
      {look.figures.length > 0 && <KeyFigures found={figures} period={period} chosen={state.metric} onChoose={(metric) => set({ metric })} />}
      <div className="overview">{look.panels.map(part)}</div>
    </Page>
  );
}

function PeriodChoice({ period, onChange }: { period: Period; onChange: (days: string) => void }) {
  return <Choice label="Period" value={period.value} of={PERIODS} onChange={onChange} />;
}
