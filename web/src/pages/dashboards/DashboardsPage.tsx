import { Empty, Page } from "../../parts";

export default function DashboardsPage() {
  return (
    <Page title="Dashboards">
      <Empty title="This page is being built" />
    </Page>
  );
}
