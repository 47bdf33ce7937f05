/** Where data comes from, how good it is, what failed, and where it goes. */

import { useAsk } from "../../api/client";
import { useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { Page, Tabs, useFormat, type Tab } from "../../parts";
import { Builds } from "./Builds";
import { Contracts } from "./Contracts";
import { FailedRows } from "./FailedRows";
import { LineageTab } from "./LineageTab";
import { Quality } from "./Quality";
import { Sources } from "./Sources";
import "./data.css";

export default function DataPage() {
  const may = useMay();
  const f = useFormat();
  const [state, set] = useUrlState({ tab: "sources" });
  const people = may("see_people");
  const counts = useAsk("GET /api/v1/sources/failed/counts", {}, { enabled: people, staleTime: 15_000 });
  const failed = counts.data?.reduce((sum, each) => sum + each.rows, 0);
  const tabs: Tab[] = [
    { value: "sources", label: "Sources", children: <Sources /> },
    { value: "quality", label: "Quality", children: <Quality /> },
    ...(people ? [{ value: "failed", label: "Failed rows", ...(failed ? { count: f.compact(failed) } : {}), children: <FailedRows /> }] : []),
    { value: "lineage", label: "Lineage", children: <LineageTab /> },
    { value: "contracts", label: "Contracts", children: <Contracts /> },
    { value: "builds", label: "Builds", children: <Builds /> },
  ];
  return (
    <Page title="Data" words="Rows read = used + not used + failed. Nothing is lost.">
      <Tabs label="Data" value={state.tab} onChange={(tab) => set({ tab }, { push: true })} tabs={tabs} />
    </Page>
  );
}
