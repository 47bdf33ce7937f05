import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, useAsk } from "../../api/client";
import type { SessionListed } from "../../api/types.gen";
import { Badge, Button, DataTable, Panel, useFormat, useSay, type Column } from "../../parts";
import { Confirm } from "./Asked";
import { HOW, roleLabel } from "./roles";

/** Who is signed in now, in which browser for how long. */
export function Sessions() {
  const format = useFormat();
  const say = useSay();
  const queries = useQueryClient();
  const found = useAsk("GET /api/v1/settings/sessions", undefined, { refetchInterval: 30_000 });
  const [ending, setEnding] = useState<SessionListed | null>(null);
  const columns: Column<SessionListed>[] = [
    {
      key: "name",
      header: "Name",
      value: (row) => row.name,
      cell: (row) => (
        <span className="row">
          <strong>{row.name}</strong>
          {row.is_yours && <Badge tone="accent">this one</Badge>}
        </span>
      ),
    },
    { key: "role", header: "Role", value: (row) => roleLabel(row.role) },
    { key: "how", header: "By", value: (row) => HOW[row.how] ?? row.how, minor: true },
    { key: "made_at", header: "Since", value: (row) => row.made_at, cell: (row) => format.time(row.made_at), minor: true },
    { key: "used_at", header: "Last used", value: (row) => row.used_at, cell: (row) => format.ago(row.used_at) },
    { key: "ends_at", header: "Ends when idle", value: (row) => row.ends_at, cell: (row) => format.time(row.ends_at), minor: true },
    {
      key: "end",
      header: "End it",
      width: "6rem",
      cell: (row) => (
        <Button small kind="quiet" disabled={row.is_yours} onClick={() => setEnding(row)} aria-label={`Sign out ${row.name}, since ${format.time(row.made_at)}`}>
          Sign out
        </Button>
      ),
    },
  ];
  return (
    <Panel flush title="Who is signed in" words="A session ends after eight hours without use, after seven days in any case, and at once when you end it." of={found}>
      <DataTable caption="Sessions" columns={columns} rows={found.data ?? []} rowKey={(row) => row.id} sort="-made_at" csv={false} />
      {ending && (
        <Confirm
          title={`Sign ${ending.name} out?`}
          words={`The session of ${format.time(ending.made_at)} ends at once. Whoever it belongs to can sign in again.`}
          does="Sign out"
          onClose={() => setEnding(null)}
          onYes={async () => {
            await ask("DELETE /api/v1/settings/sessions/{id}", { path: { id: ending.id } });
            await queries.invalidateQueries({ queryKey: ["GET /api/v1/settings/sessions"] });
            say(`${ending.name} is signed out`);
          }}
        />
      )}
    </Panel>
  );
}
