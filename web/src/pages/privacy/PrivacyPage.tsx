import { Empty, Page } from "../../parts";

export default function PrivacyPage() {
  return (
    <Page title="Privacy">
      <Empty title="This page is being built" />
    </Page>
  );
}
