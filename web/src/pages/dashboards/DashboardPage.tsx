import { Empty, Page } from "../../parts";

export default function DashboardPage() {
  return (
    <Page title="Dashboard">
      <Empty title="This page is being built" />
    </Page>
  );
}
