import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, ProblemError, useAsk } from "../../api/client";
import { Badge, Button, Panel, Problem, useFormat } from "../../parts";
import { Facts } from "./Facts";
import { HOW, roleLabel } from "./roles";

/** Who is here, and what that allows. */
export function You() {
  const format = useFormat();
  const found = useAsk("GET /api/v1/session");
  const roles = useAsk("GET /api/v1/settings/roles");
  const queries = useQueryClient();
  const [error, setError] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const seen = found.data;
  const out = async (everywhere: boolean) => {
    setBusy(true);
    try {
      await ask("DELETE /api/v1/session", { query: { everywhere } });
      queries.clear();
      window.location.assign("/sign-in");
    } catch (problem) {
      setBusy(false);
      if (problem instanceof ProblemError) setError(problem);
    }
  };
  const own = roles.data?.find((each) => each.role === seen?.role);
  return (
    <div className="main-and-side">
      <Panel title="What you may do" of={roles} words={own && `As ${roleLabel(own.role).toLowerCase()}: ${own.described}.`}>
        <ul className="settings-list">
          {own?.permissions.map((each) => (
            <li key={each.permission} className="row apart">
              <span className={each.may ? "" : "quiet"}>
                {each.meaning} <code className="tiny quiet">{each.permission}</code>
              </span>
              {each.may ? <Badge tone="good">yes</Badge> : <Badge>{each.taken ? "taken away here" : "no"}</Badge>}
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="You" of={found}>
        {seen && (
          <div className="stack">
            <Facts
              of={[
                ["Name", seen.name],
                ["Role", roleLabel(seen.role ?? "")],
                ["Signed in by", HOW[seen.how] ?? seen.how],
                ["In the audit log", <code key="a">{seen.actor}</code>],
                ["Ends when idle", seen.expires_at ? format.time(seen.expires_at) : "never"],
              ]}
            />
            {error && <Problem small error={error} />}
            {seen.how !== "key" && (
              <div className="row">
                <Button icon="out" busy={busy} onClick={() => void out(false)}>
                  Sign out
                </Button>
                <Button kind="quiet" busy={busy} onClick={() => void out(true)}>
                  Everywhere
                </Button>
              </div>
            )}
          </div>
        )}
      </Panel>
    </div>
  );
}
