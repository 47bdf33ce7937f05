import { Empty, Page } from "../../parts";

export default function SettingsPage() {
  return (
    <Page title="Settings">
      <Empty title="This page is being built" />
    </Page>
  );
}
