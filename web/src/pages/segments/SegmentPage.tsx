import { Empty, Page } from "../../parts";

export default function SegmentPage() {
  return (
    <Page title="Segment">
      <Empty title="This page is being built" />
    </Page>
  );
}
