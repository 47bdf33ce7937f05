import { Component, type ReactNode } from "react";
import { Button } from "../parts/Button";
import { Empty } from "../parts/Empty";

/** Keeps what goes wrong in one page from the others. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    const isOld = /dynamically imported module|Importing a module/.test(this.state.error.message);
    return (
      <Empty
        icon="alert"
        title={isOld ? "This page has a newer version" : "This page met something it does not foresee"}
        action={<Button onClick={() => window.location.reload()}>Load it again</Button>}
      >
        {isOld ? "The server was updated since you opened the app." : this.state.error.message}
      </Empty>
    );
  }
}
