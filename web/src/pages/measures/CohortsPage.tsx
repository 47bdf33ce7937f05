import { Empty, Page } from "../../parts";

export default function CohortsPage() {
  return (
    <Page title="Cohorts">
      <Empty title="This page is being built" />
    </Page>
  );
}
