import { Empty, Page } from "../../parts";

export default function DataPage() {
  return (
    <Page title="Data">
      <Empty title="This page is being built" />
    </Page>
  );
}
