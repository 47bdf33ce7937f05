import { useAsk } from "../../api/client";
import type { PermissionSeen, RoleSeen } from "../../api/types.gen";
import { Badge, DataTable, Icon, Panel, type Column } from "../../parts";
import { roleLabel } from "./roles";

interface Row {
  permission: string;
  meaning: string;
  of: Record<string, PermissionSeen>;
}

function rowsOf(roles: readonly RoleSeen[]): Row[] {
  return (roles[0]?.permissions ?? []).map(({ permission, meaning }, place) => ({
    permission,
    meaning,
    of: Object.fromEntries(roles.map((role) => [role.role, role.permissions[place] as PermissionSeen])),
  }));
}

/** Roles and permissions: what each may do here. */
export function Roles() {
  const found = useAsk("GET /api/v1/settings/roles");
  const roles = found.data ?? [];
  const columns: Column<Row>[] = [
    {
      key: "permission",
      header: "Permission",
      value: (row) => row.permission,
      cell: (row) => (
        <span>
          <code>{row.permission}</code>
          <span className="settings-under quiet small">{row.meaning}</span>
        </span>
      ),
      width: "22rem",
    },
    ...roles.map(
      (role): Column<Row> => ({
        key: role.role,
        header: roleLabel(role.role),
        value: (row) => row.of[role.role]?.may ?? false,
        cell: (row) => <May seen={row.of[role.role]} />,
      }),
    ),
  ];
  const narrowed = roles.filter((role) => role.permissions.some((each) => each.taken));
  return (
    <Panel
      flush
      title="What each role may do"
      words="A project takes permissions away from roles in policies/*.yaml; it can never add one."
      of={found}
      foot={narrowed.map((role) => (
        <span key={role.role}>
          {roleLabel(role.role)}: {role.why || "something is taken away in this project."}
        </span>
      ))}
    >
      <DataTable caption="Roles and permissions" columns={columns} rows={rowsOf(roles)} rowKey={(row) => row.permission} maxHeight={900} />
    </Panel>
  );
}

function May({ seen }: { seen: PermissionSeen | undefined }) {
  if (seen?.may) {
    return (
      <span className="good settings-may">
        <Icon name="check" />
        yes
      </span>
    );
  }
  if (seen?.taken) return <Badge tone="warn">taken away</Badge>;
  return <span className="quiet">no</span>;
}
