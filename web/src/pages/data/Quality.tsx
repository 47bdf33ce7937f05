/** How good a table is, column by column, and how a column is spread before and after it is prepared for learning. */

import { useMemo } from "react";
import { useAsk } from "../../api/client";
import type { ColumnProfile, ProfiledTable, SeenColumn, SeenTable } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { AsOf, Badge, Combobox, DataTable, Empty, Field, Icon, Panel, Problem, Skeleton, Tooltip, useFormat, type Column } from "../../parts";
import { ColumnDetail } from "./ColumnDetail";

type Seen = ProfiledTable | SeenTable;
type Line = ColumnProfile | SeenColumn;
const ALWAYS = ["customers", "items", "features"];

export function Quality() {
  const [state, set] = useUrlState({ table: "", column: "", target: "" });
  const contracts = useAsk("GET /api/v1/contracts", {}, { staleTime: 60_000 });
  const options = useMemo(() => {
    const events = (contracts.data ?? []).flatMap((each) => (each.event ? [{ value: each.event, label: each.event, hint: "event" }] : []));
    return [...ALWAYS.map((each) => ({ value: each, label: each, hint: "table" })), ...events];
  }, [contracts.data]);
  const table = state.table || options.find((each) => each.hint === "event")?.value || "customers";
  const found = useAsk("GET /api/v1/quality", { query: { name: table, target: state.target || undefined } }, { staleTime: 60_000, enabled: Boolean(state.table || contracts.data) });
  return (
    <div className="stack">
      <div className="list-filters">
        <Field label="Table">{(control) => <Combobox id={control.id} label="Table" value={table} options={options} free onChange={(next) => set({ table: next, column: "", target: "" }, { push: true })} />}</Field>
        <Field label="To be predicted" hint="Columns that give it away are named.">
          {(control) => (
            <Combobox
              id={control.id}
              describedBy={control["aria-describedby"]}
              label="To be predicted"
              placeholder="nothing"
              value={state.target}
              options={[{ value: "", label: "nothing" }, ...(found.data?.flatMap(columnsOf) ?? []).map((each) => ({ value: each.name, label: each.name, hint: each.kind }))]}
              onChange={(target) => set({ target })}
            />
          )}
        </Field>
      </div>
      {found.error ? (
        <Problem error={found.error} onAgain={() => void found.refetch()} />
      ) : !found.data ? (
        <Panel title={`Measuring ${table} …`}>
          <Skeleton lines={8} />
        </Panel>
      ) : found.data.length ? (
        found.data.map((each) => <TableQuality key={each.table} seen={each} column={state.column} onColumn={(column) => set({ table: state.table || table, column }, { push: true })} />)
      ) : (
        <Empty icon="data" title="Nothing is loaded of this yet" command="habitue build" />
      )}
    </div>
  );
}

function isWhole(seen: Seen): seen is ProfiledTable {
  return "profile" in seen;
}

function columnsOf(seen: Seen): readonly Line[] {
  return isWhole(seen) ? seen.profile.columns : seen.columns;
}

function TableQuality({ seen, column, onColumn }: { seen: Seen; column: string; onColumn: (column: string) => void }) {
  const f = useFormat();
  const rows = isWhole(seen) ? seen.profile.rows : seen.rows;
  const lines = columnsOf(seen);
  const columns = useMemo(() => tableColumns(f, isWhole(seen)), [f, seen]);
  const chosen = lines.find((each) => each.name === column);
  return (
    <div className="stack">
      {isWhole(seen) && <Findings table={seen} />}
      <Panel
        title={seen.label}
        words={`${f.number(rows)} rows from ${seen.sources.join(", ") || "builds"}`}
        flush
        foot={isWhole(seen) && <AsOf at={seen.profile.profiled_at} exact={seen.profile.sampled >= seen.profile.rows} note={seen.profile.sampled < seen.profile.rows ? `by ${f.number(seen.profile.sampled)} rows` : undefined} />}
      >
        <DataTable
          caption={`Quality of ${seen.label}`}
          columns={columns}
          rows={lines}
          rowKey={(row) => row.name}
          onRow={(row) => onColumn(row.name === column ? "" : row.name)}
          rowClass={(row) => (row.name === column ? "chosen" : undefined)}
          find={(row) => row.name}
        />
      </Panel>
      {chosen && <ColumnDetail table={seen.label} column={chosen} onClose={() => onColumn("")} />}
    </div>
  );
}

/** What falls short. */
function Findings({ table }: { table: ProfiledTable }) {
  const f = useFormat();
  const people = useMay()("see_people");
  const { profile } = table;
  const said = [
    ...table.gate.map((each) => ({ key: `gate ${each.column}`, tone: "bad" as const, text: `${each.column} ${each.says}` })),
    ...(profile.duplicate_rows ? [{ key: "twice", tone: "warn" as const, text: `${f.number(profile.duplicate_rows)} rows are there twice.` }] : []),
    ...profile.new_columns.map((each) => ({ key: `new ${each}`, tone: "info" as const, text: `${each} is new since the load before.` })),
    ...profile.lost_columns.map((each) => ({ key: `lost ${each}`, tone: "bad" as const, text: `${each} is gone since the load before.` })),
    ...profile.columns.filter((each) => each.drift?.has_drifted).map((each) => ({ key: `drift ${each.name}`, tone: "warn" as const, text: `${each.name} has moved since the load before.` })),
  ];
  if (!said.length) {
    return (
      <p className="row good">
        <Icon name="check" /> Contracts are met, nothing is there twice, nothing has moved{table.compared ? " since the load before" : ""}.
      </p>
    );
  }
  return (
    <ul className="findings">
      {said.map((each) => (
        <li key={each.key}>
          <Badge tone={each.tone}>{each.tone === "bad" ? "falls short" : each.tone === "warn" ? "look" : "new"}</Badge> {each.text}
        </li>
      ))}
      {people && table.gate.some((each) => each.says.includes("failed lane")) && (
        <li>
          <Link to={`/data?tab=failed${table.sources[0] ? `&source=${encodeURIComponent(table.sources[0])}` : ""}`}>Mend the failed rows</Link>
        </li>
      )}
    </ul>
  );
}

const GOOD = 0.999;

function tableColumns(f: ReturnType<typeof useFormat>, whole: boolean): Column<Line>[] {
  const shared: Column<Line>[] = [
    {
      key: "name",
      header: "Column",
      value: (row) => row.name,
      cell: (row) => (
        <span className="row">
          <code>{row.name}</code>
          {row.is_personal && <Badge tone="warn">personal</Badge>}
          {"hints" in row && row.hints.length > 0 && (
            <Tooltip text={row.hints.map((each) => each.says).join(" ")}>
              <button type="button" className="figure-help" aria-label={`${row.name}: ${row.hints.map((each) => each.says).join(" ")}`}>
                <Icon name="help" size={14} />
              </button>
            </Tooltip>
          )}
        </span>
      ),
    },
    { key: "kind", header: "Kind", value: (row) => row.kind, minor: true },
    { key: "completeness", header: "Complete", number: true, value: (row) => row.completeness, cell: (row) => <Meter value={row.completeness} /> },
    { key: "missing", header: "Missing", number: true, value: (row) => row.missing, cell: (row) => f.number(row.missing), minor: true },
  ];
  if (!whole) return shared;
  const full = (row: Line) => row as ColumnProfile;
  return [
    ...shared,
    { key: "validity", header: "Valid", number: true, value: (row) => full(row).validity, cell: (row) => <Meter value={full(row).validity} /> },
    { key: "distinct", header: "Different", number: true, value: (row) => full(row).distinct, cell: (row) => `${full(row).is_distinct_exact ? "" : "about "}${f.compact(full(row).distinct)}` },
    { key: "shape", header: "Spread", cell: (row) => <Shape column={full(row)} /> },
    { key: "outliers", header: "Outliers", number: true, value: (row) => full(row).number?.outliers.share ?? null, cell: (row) => (full(row).number ? f.share(full(row).number?.outliers.share) : "–"), minor: true },
    { key: "drift", header: "Moved", value: (row) => full(row).drift?.psi ?? null, minor: true, cell: (row) => (full(row).drift ? <Badge tone={full(row).drift?.has_drifted ? "warn" : "good"}>{full(row).drift?.has_drifted ? "moved" : "steady"}</Badge> : <span className="quiet">–</span>) },
  ];
}

export function Meter({ value }: { value: number | null }) {
  const f = useFormat();
  if (value === null) return <span className="quiet">–</span>;
  return (
    <span className="share-cell">
      {f.share(value, value < GOOD ? 1 : 0)}
      <meter className={value < GOOD ? "share-bar short" : "share-bar"} min={0} max={1} value={value} aria-label={f.share(value)} />
    </span>
  );
}

/** Bars as small as a word; the row opens the whole. */
function Shape({ column }: { column: ColumnProfile }) {
  const f = useFormat();
  if (column.number?.counts.length) {
    const counts = column.number.counts;
    const most = Math.max(...counts, 1);
    const width = 96 / counts.length;
    return (
      <svg className="shape" viewBox="0 0 96 22" width={96} height={22} role="img" aria-label={`from ${f.number(column.number.minimum)} to ${f.number(column.number.maximum)}, mean ${f.number(column.number.mean)}`}>
        {counts.map((count, at) => (
          <rect key={at} x={at * width} width={Math.max(1, width - 1)} y={22 - (22 * count) / most} height={(22 * count) / most} />
        ))}
      </svg>
    );
  }
  const [top] = column.text?.top ?? [];
  if (top) return <span className="tiny quiet top-value">{column.is_personal ? "hidden" : `${top.value} ${f.share(top.share, 0)}`}</span>;
  if (column.time) return <span className="tiny quiet nowrap">to {f.date(column.time.newest)}</span>;
  return <span className="quiet">–</span>;
}
