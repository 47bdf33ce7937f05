import { Empty, Page } from "../../parts";

export default function SignInPage() {
  return (
    <Page title="Sign in">
      <Empty title="This page is being built" />
    </Page>
  );
}
