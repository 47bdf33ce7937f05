import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask, useAsk, type Answer, type ProblemError } from "../../api/client";
import { Link, useUrlState } from "../../app/router";
import { useNoun } from "../../app/session";
import { AsOf, Button, Check, customerAddress, DataTable, Empty, Panel, Popover, useFormat, type Column } from "../../parts";

type PeoplePage = Answer<"GET /api/v1/segments/{name}/people">;
type Row = PeoplePage["rows"][number];
type Shown = string | number | boolean | null;

/** The people of a segment, 200 at a time, with the features one wants to see of them. */
export function PeopleTab({ name, label }: { name: string; label: string }) {
  const noun = useNoun();
  const f = useFormat();
  const [state, set] = useUrlState({ columns: [] as string[] });
  const found = useInfiniteQuery<PeoplePage, ProblemError>({
    queryKey: ["segment people", name, state.columns],
    queryFn: ({ pageParam, signal }) =>
      ask("GET /api/v1/segments/{name}/people", { path: { name }, query: { limit: 200, ...(pageParam ? { cursor: pageParam as string } : {}), ...(state.columns.length ? { columns: state.columns.join(",") } : {}) } }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor || undefined,
  });
  const first = found.data?.pages[0];
  const rows = useMemo(() => (found.data?.pages ?? []).flatMap((page) => page.rows), [found.data]);
  const filters = { segment: name };
  const columns: Column<Row>[] = [
    {
      key: "customer",
      header: noun.One,
      value: (row) => row.customer,
      cell: (row) => (
        <Link to={customerAddress(row.customer, filters)} className="mono">
          {row.customer}
        </Link>
      ),
    },
    { key: "since", header: "In it since", value: (row) => row.since, cell: (row) => <span className="nowrap">{f.date(row.since)}</span>, minor: true },
    ...(first?.columns ?? []).map<Column<Row>>((column, place) => ({
      key: column.of,
      header: column.unit ? `${column.label} (${column.unit})` : column.label,
      number: column.kind === "number" || column.kind === "integer" || column.kind === "money",
      value: (row) => asShown(row.values[place]),
      cell: (row) => said(row.values[place], f.number, f.none),
      minor: place > 1,
    })),
  ];
  return (
    <Panel flush of={found} height={420} foot={first && <AsOf at={first.as_of} note={`by random id; ${rows.length} shown`} />}>
      <DataTable
        caption={label}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.customer}
        rowTo={(row) => customerAddress(row.customer, filters)}
        tools={<ColumnsMenu chosen={state.columns} shown={(first?.columns ?? []).map((each) => each.of)} onChange={(next) => set({ columns: next })} />}
        onMore={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
        isLoadingMore={found.isFetchingNextPage}
        empty={
          <Empty icon="people" title={`No ${noun.many} are in it`}>
            Loosen its rule, or wait until somebody fits.
          </Empty>
        }
      />
    </Panel>
  );
}

function asShown(value: unknown): Shown {
  if (typeof value === "string" && value !== "" && !Number.isNaN(Number(value))) return Number(value);
  return value === undefined ? null : (value as Shown);
}

function said(value: unknown, number: (value: number, digits?: number) => string, none: string): string {
  const shown = asShown(value);
  if (shown === null) return none;
  if (typeof shown === "boolean") return shown ? "yes" : "no";
  return typeof shown === "number" ? number(shown) : String(shown);
}

function ColumnsMenu({ chosen, shown, onChange }: { chosen: readonly string[]; shown: readonly string[]; onChange: (columns: string[]) => void }) {
  const words = useAsk("GET /api/v1/vocabulary", undefined, { staleTime: 60_000 });
  const known = [
    ...(words.data?.features ?? []).map((each) => ({ of: `feature.${each.name}`, label: each.label || each.name })),
    ...(words.data?.traits ?? []).filter((each) => each.kind !== "personal" && each.kind !== "location").map((each) => ({ of: `trait.${each.name}`, label: each.label || each.name })),
  ];
  const now = chosen.length ? chosen : shown;
  const turn = (of: string, wanted: boolean) => onChange(wanted ? [...now, of].slice(0, 12) : now.filter((each) => each !== of));
  return (
    <Popover
      label="What to show of them"
      align="end"
      trigger={
        <Button small kind="quiet" icon="table">
          Columns
        </Button>
      }
    >
      <div className="stack tight segment-columns">
        {known.map((each) => (
          <Check key={each.of} label={each.label} checked={now.includes(each.of)} onChange={(wanted) => turn(each.of, wanted)} />
        ))}
      </div>
    </Popover>
  );
}
