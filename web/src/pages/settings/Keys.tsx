import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, useAsk } from "../../api/client";
import type { KeyListed, NewKey } from "../../api/types.gen";
import { Badge, Button, DataTable, Empty, Panel, useFormat, useSay, type Column } from "../../parts";
import { Confirm, Secret } from "./Asked";
import { KeyDialog, SCOPES } from "./KeyDialog";
import { roleLabel } from "./roles";

const TONES = { valid: "good", expired: "plain", revoked: "plain" } as const;

/** What programs show to be let in. */
export function Keys() {
  const format = useFormat();
  const say = useSay();
  const queries = useQueryClient();
  const found = useAsk("GET /api/v1/settings/keys");
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<NewKey | null>(null);
  const [ending, setEnding] = useState<KeyListed | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ["GET /api/v1/settings/keys"] });
  const columns: Column<KeyListed>[] = [
    { key: "id", header: "Key", value: (row) => row.id, cell: (row) => <code>{row.id}</code> },
    { key: "scope", header: "For", value: (row) => SCOPES.find((each) => each.value === row.scope)?.label ?? row.scope },
    { key: "role", header: "As", value: (row) => roleLabel(row.role), cell: (row) => (row.scope === "collect" ? <span className="quiet">{row.source || "any source"}</span> : roleLabel(row.role)) },
    { key: "state", header: "State", value: (row) => row.state, cell: (row) => <Badge tone={TONES[row.state as keyof typeof TONES] ?? "plain"}>{row.state}</Badge> },
    { key: "expires_at", header: "Until", value: (row) => row.expires_at, cell: (row) => format.date(row.expires_at), minor: true },
    { key: "last_at", header: "Last used", value: (row) => row.last_at ?? "", cell: (row) => (row.last_at ? format.ago(row.last_at) : "never"), minor: true },
    {
      key: "end",
      header: "End it",
      width: "6rem",
      cell: (row) =>
        row.state === "valid" && (
          <Button small kind="quiet" onClick={() => setEnding(row)} aria-label={`Revoke key ${row.id}`}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <Panel
      flush
      title="API keys"
      words="What programs show to be let in. The secret of a key is shown once, when it is made; only a hash of it is kept."
      of={found}
      actions={
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      }
    >
      <DataTable
        caption="Keys and their state"
        columns={columns}
        rows={found.data ?? []}
        rowKey={(row) => row.id}
        rowClass={(row) => (row.state === "valid" ? undefined : "muted")}
        csv={false}
        empty={
          <Empty icon="key" title="No keys yet" command="habitue keys create --scope collect --source site">
            A site that sends events needs one, and so does every program that asks.
          </Empty>
        }
      />
      {isMaking && (
        <KeyDialog
          onClose={() => setMaking(false)}
          onMade={async (key) => {
            setMaking(false);
            setMade(key);
            await again();
          }}
        />
      )}
      {made && (
        <Secret title="Your new key" words="It is shown this once: keep it where your program finds it." secret={made.key} onClose={() => setMade(null)}>
          <p className="quiet small">
            Valid until {format.time(made.expires_at)}. To end it earlier, revoke <code>{made.id}</code>.
          </p>
        </Secret>
      )}
      {ending && (
        <Confirm
          title="Revoke this key?"
          words={
            <>
              The next request that shows <code>{ending.id}</code> is turned away. This cannot be taken back.
            </>
          }
          does="Revoke"
          onClose={() => setEnding(null)}
          onYes={async () => {
            await ask("DELETE /api/v1/settings/keys/{id}", { path: { id: ending.id } });
            await again();
            say("The key is revoked");
          }}
        />
      )}
    </Panel>
  );
}
