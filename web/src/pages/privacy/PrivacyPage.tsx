/** What data may be used for, what people asked, how long data stays, what was done with it, and what is kept at all. */

import { useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { Page, Tabs, type Tab } from "../../parts";
import { Audit } from "./Audit";
import { Catalogue } from "./Catalogue";
import { Consents } from "./Consents";
import { Requests } from "./Requests";
import { Retention } from "./Retention";
import "./privacy.css";

export default function PrivacyPage() {
  const may = useMay();
  const [state, set] = useUrlState({ tab: "consents" });
  const tabs: Tab[] = [
    { value: "consents", label: "Consents", children: <Consents /> },
    { value: "requests", label: "Requests", children: <Requests /> },
    { value: "retention", label: "Retention", children: <Retention /> },
    ...(may("read_audit") ? [{ value: "audit", label: "Audit", children: <Audit /> }] : []),
    { value: "catalogue", label: "Catalogue", children: <Catalogue /> },
  ];
  return (
    <Page title="Privacy" words="People are random ids; what is personal is sealed in the vault, with a key per person.">
      <Tabs label="Privacy" value={state.tab} onChange={(tab) => set({ tab }, { push: true })} tabs={tabs} />
    </Page>
  );
}
