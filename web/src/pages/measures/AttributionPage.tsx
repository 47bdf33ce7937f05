import { Empty, Page } from "../../parts";

export default function AttributionPage() {
  return (
    <Page title="Attribution">
      <Empty title="This page is being built" />
    </Page>
  );
}
