import { Empty, Page } from "../../parts";

export default function MeasuresPage() {
  return (
    <Page title="Metrics">
      <Empty title="This page is being built" />
    </Page>
  );
}
