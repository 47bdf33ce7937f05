import { Empty, Page } from "../../parts";

export default function AnomaliesPage() {
  return (
    <Page title="Anomalies">
      <Empty title="This page is being built" />
    </Page>
  );
}
