import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, useAsk } from "../../api/client";
import type { User } from "../../api/types.gen";
import { useSession } from "../../app/session";
import { Badge, Button, DataTable, Empty, IconButton, Menu, Panel, useFormat, useSay, type Column } from "../../parts";
import { Confirm } from "./Asked";
import { roleLabel } from "./roles";
import { UserDialog } from "./UserDialog";

type Doing = { what: "add" } | { what: "role" | "password" | "disable" | "remove"; user: User } | null;

/** Who may sign in with a name and password. */
export function Users() {
  const format = useFormat();
  const say = useSay();
  const { actor } = useSession();
  const queries = useQueryClient();
  const found = useAsk("GET /api/v1/settings/users");
  const [doing, setDoing] = useState<Doing>(null);
  const changed = async (said: string) => {
    await queries.invalidateQueries({ queryKey: ["GET /api/v1/settings/users"] });
    await queries.invalidateQueries({ queryKey: ["GET /api/v1/settings/sessions"] });
    setDoing(null);
    say(said);
  };
  const enable = async (user: User) => {
    await ask("PATCH /api/v1/settings/users/{name}", { path: { name: user.name }, body: { disabled: false } });
    await changed(`${user.name} may sign in again`);
  };
  const isYou = (user: User) => actor === `user:${user.name}`;
  const columns: Column<User>[] = [
    {
      key: "name",
      header: "Name",
      value: (user) => user.name,
      cell: (user) => (
        <span className="row">
          <strong>{user.name}</strong>
          {isYou(user) && <Badge tone="accent">you</Badge>}
          {user.disabled_at && <Badge tone="warn">kept out</Badge>}
        </span>
      ),
    },
    { key: "role", header: "Role", value: (user) => roleLabel(user.role) },
    { key: "made_at", header: "Since", value: (user) => user.made_at, cell: (user) => format.date(user.made_at), minor: true },
    { key: "last_at", header: "Last signed in", value: (user) => user.last_at ?? "", cell: (user) => (user.last_at ? format.ago(user.last_at) : "never") },
    {
      key: "more",
      header: "More",
      width: "3rem",
      cell: (user) => (
        <Menu
          items={[
            { label: "Change the role", icon: "edit", disabled: isYou(user), onSelect: () => setDoing({ what: "role", user }) },
            { label: "New password", icon: "key", onSelect: () => setDoing({ what: "password", user }) },
            user.disabled_at ? { label: "Let in again", icon: "play", onSelect: () => void enable(user) } : { label: "Keep out for now", icon: "lock", disabled: isYou(user), onSelect: () => setDoing({ what: "disable", user }) },
            null,
            { label: "Remove", icon: "trash", danger: true, disabled: isYou(user), onSelect: () => setDoing({ what: "remove", user }) },
          ]}
        >
          <IconButton small icon="more" label={`What can be done with ${user.name}`} />
        </Menu>
      ),
    },
  ];
  return (
    <Panel
      flush
      title="Users"
      words="Who signs in with a name and password of this project."
      of={found}
      actions={
        <Button kind="primary" icon="plus" onClick={() => setDoing({ what: "add" })}>
          Add a user
        </Button>
      }
    >
      <DataTable
        caption="Users and their roles"
        columns={columns}
        rows={found.data ?? []}
        rowKey={(user) => user.name}
        rowClass={(user) => (user.disabled_at ? "muted" : undefined)}
        sort="name"
        csv={false}
        empty={
          <Empty icon="person" title="Nobody has an account yet" command="habitue users add ann --role analyst">
            Whoever sits at this machine comes in by the link that the server prints.
          </Empty>
        }
      />
      {(doing?.what === "add" || doing?.what === "role" || doing?.what === "password") && <UserDialog doing={doing} onClose={() => setDoing(null)} onDone={changed} />}
      {doing?.what === "disable" && (
        <Confirm
          title={`Keep ${doing.user.name} out for now?`}
          words="They are signed out everywhere at once, and cannot sign in until you let them in again. Nothing of theirs goes."
          does="Keep out"
          onClose={() => setDoing(null)}
          onYes={async () => {
            await ask("PATCH /api/v1/settings/users/{name}", { path: { name: doing.user.name }, body: { disabled: true } });
            await changed(`${doing.user.name} is kept out`);
          }}
        />
      )}
      {doing?.what === "remove" && (
        <Confirm
          title={`Remove ${doing.user.name}?`}
          words="They are signed out everywhere at once. What they did stays in the audit log under their name."
          does="Remove"
          onClose={() => setDoing(null)}
          onYes={async () => {
            await ask("DELETE /api/v1/settings/users/{name}", { path: { name: doing.user.name } });
            await changed(`${doing.user.name} is removed`);
          }}
        />
      )}
    </Panel>
  );
}
