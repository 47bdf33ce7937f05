import { Empty, Page } from "../../parts";

export default function BuilderPage() {
  return (
    <Page title="New segment">
      <Empty title="This page is being built" />
    </Page>
  );
}
