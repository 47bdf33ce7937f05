import { Empty, Page } from "../../parts";

export default function SegmentsPage() {
  return (
    <Page title="Segments">
      <Empty title="This page is being built" />
    </Page>
  );
}
