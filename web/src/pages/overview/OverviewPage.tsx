import { Empty, Page } from "../../parts";

export default function OverviewPage() {
  return (
    <Page title="Overview">
      <Empty title="This page is being built" />
    </Page>
  );
}
