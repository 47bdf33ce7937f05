import { useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { Page, Tabs, type Tab } from "../../parts";
import { Channels } from "./Channels";
import { Keys } from "./Keys";
import { ProjectFacts } from "./ProjectFacts";
import { Roles } from "./Roles";
import { Sessions } from "./Sessions";
import { Users } from "./Users";
import { You } from "./You";
import "./settings.css";

export default function SettingsPage() {
  const may = useMay();
  const [state, set] = useUrlState({ tab: "you" });
  const tabs: (Tab & { shown: boolean })[] = [
    { value: "you", label: "You", shown: true, children: <You /> },
    { value: "project", label: "Project", shown: may("see_aggregates"), children: <ProjectFacts /> },
    { value: "users", label: "Users", shown: may("manage_users"), children: <Users /> },
    { value: "roles", label: "Roles", shown: may("see_aggregates"), children: <Roles /> },
    { value: "sessions", label: "Signed in", shown: may("manage_users"), children: <Sessions /> },
    { value: "keys", label: "API keys", shown: may("manage_users"), children: <Keys /> },
    { value: "channels", label: "Webhooks", shown: may("see_people"), children: <Channels /> },
  ];
  const shown = tabs.filter((each) => each.shown);
  const open = shown.some((each) => each.value === state.tab) ? state.tab : "you";
  return (
    <Page title="Settings" words="Who works here, what they and their programs may do, and who is told of changes. Every change is in the audit log.">
      <Tabs label="Settings" tabs={shown} value={open} onChange={(tab) => set({ tab }, { push: true })} />
    </Page>
  );
}
