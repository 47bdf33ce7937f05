import { Empty, Page } from "../../parts";

export default function FunnelsPage() {
  return (
    <Page title="Funnels">
      <Empty title="This page is being built" />
    </Page>
  );
}
