import { Empty, Page } from "../../parts";

export default function PathsPage() {
  return (
    <Page title="Paths">
      <Empty title="This page is being built" />
    </Page>
  );
}
