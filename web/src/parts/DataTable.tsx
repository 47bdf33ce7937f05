import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type ReactNode } from "react";
import { navigate } from "../app/router";
import { useNote } from "./Based";
import { IconButton } from "./Button";
import { Input } from "./Field";
import { Icon } from "./Icon";
import { download, fileName, toCsv } from "./files";

export type Sortable = string | number | boolean | null | undefined;

export interface Column<T> {
  key: string;
  header: string;
  /** What is shown; left out: `value`. */
  cell?: (row: T) => ReactNode;
  /** What it is sorted by and written to CSV as; a column without one is not sorted. */
  value?: (row: T) => Sortable;
  /** Numbers: at the end, figures below each other. */
  number?: boolean;
  /** Its width in CSS, such as "12rem" or "30%". */
  width?: string;
  /** Left out on narrow screens. */
  minor?: boolean;
}

interface DataTableProps<T> {
  /** What the table is, for those who listen and for the file's name. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Where a row leads: its first cell should hold a link to the same. */
  rowTo?: (row: T) => string | null;
  onRow?: (row: T) => void;
  /** "key" or "-key" for downwards. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Shows a field that keeps the rows whose text fits. */
  find?: (row: T) => string;
  findLabel?: string;
  /** Beside the field. */
  tools?: ReactNode;
  /** The CSV button; false where the rows are not to leave. */
  csv?: boolean;
  /** Rows beyond this height scroll, in pixels. */
  maxHeight?: number;
  empty?: ReactNode;
  /** There is more on the server. */
  onMore?: (() => void) | undefined;
  isLoadingMore?: boolean;
  /** Row state for those who see it: "chosen", "muted". */
  rowClass?: (row: T) => string | undefined;
}

const ROW = 37;
const MANY = 100;

/** Rows and columns: sorted by a click on a heading, thousands of rows without slowness, CSV. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { caption, columns, rows, find, tools, csv = true, maxHeight = 560, onMore, isLoadingMore } = props;
  const note = useNote();
  const [own, setOwn] = useState(props.sort ?? "");
  const sort = props.onSort ? (props.sort ?? "") : own;
  const setSort = props.onSort ?? setOwn;
  const [wanted, setWanted] = useState("");
  const shown = useMemo(() => arranged(rows, columns, sort, find, wanted), [rows, columns, sort, find, wanted]);
  const scroller = useRef<HTMLDivElement>(null);
  const isMany = shown.length > MANY;
  const virtual = useVirtualizer({
    count: isMany ? shown.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const before = isMany ? (items[0]?.start ?? 0) : 0;
  const after = isMany ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const body = isMany ? items.map((item) => [item.index, shown[item.index] as T] as const) : shown.map((row, place) => [place, row] as const);
  return (
    <div className="table-box">
      {(find || tools || csv) && (
        <div className="table-tools">
          {find && (
            <div className="table-find">
              <Input icon="search" type="search" aria-label={props.findLabel ?? `Find in ${caption}`} placeholder={props.findLabel ?? "Find"} value={wanted} onChange={setWanted} />
            </div>
          )}
          {tools}
          <span className="grow" />
          <span className="quiet tiny figures" role="status">
            {shown.length.toLocaleString("en-GB")}
            {onMore ? "+" : ""} {shown.length === 1 ? "row" : "rows"}
          </span>
          {csv && rows.length > 0 && <IconButton small icon="download" label={`${caption} as CSV`} onClick={() => download(fileName(note ? `${caption} estimate` : caption, "csv"), asCsv(shown, columns, note))} />}
        </div>
      )}
      {shown.length === 0 ? (
        (props.empty ?? <p className="table-none quiet">{wanted ? "Nothing fits." : "No rows."}</p>)
      ) : (
        <div className="table-scroll" ref={scroller} style={{ maxHeight }} tabIndex={0} role="region" aria-label={caption}>
          <table className={isMany ? "table fixed" : "table"} aria-rowcount={isMany ? shown.length + 1 : undefined}>
            <caption className="unseen">{caption}</caption>
            <thead>
              <tr>
                {columns.map((column) => (
                  <Heading key={column.key} column={column} sort={sort} onSort={setSort} />
                ))}
              </tr>
            </thead>
            <tbody>
              {before > 0 && <Gap height={before} span={columns.length} />}
              {body.map(([place, row]) => (
                <Row key={props.rowKey(row)} row={row} place={isMany ? place + 2 : undefined} {...props} />
              ))}
              {after > 0 && <Gap height={after} span={columns.length} />}
            </tbody>
          </table>
        </div>
      )}
      {onMore && (
        <div className="table-more">
          <button type="button" className="link-button" onClick={onMore} disabled={isLoadingMore}>
            {isLoadingMore ? "Loading …" : "Show more"}
          </button>
        </div>
      )}
    </div>
  );
}

function Heading<T>({ column, sort, onSort }: { column: Column<T>; sort: string; onSort: (sort: string) => void }) {
  const direction = sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : undefined;
  const usual = column.number ? `-${column.key}` : column.key;
  const other = column.number ? column.key : `-${column.key}`;
  return (
    <th scope="col" className={cellClass(column)} aria-sort={direction} style={column.width ? { width: column.width } : undefined}>
      {column.value ? (
        <button type="button" className="heading" onClick={() => onSort(sort === usual ? other : usual)}>
          {column.header}
          <Icon name={direction === "ascending" ? "up" : direction === "descending" ? "down" : "sorted"} size={12} />
        </button>
      ) : (
        <span className="heading">{column.header}</span>
      )}
    </th>
  );
}

function Row<T>({ row, place, columns, rowTo, onRow, rowClass }: DataTableProps<T> & { row: T; place: number | undefined }) {
  const to = rowTo?.(row);
  const act = to ? () => navigate(to) : onRow ? () => onRow(row) : undefined;
  return (
    <tr
      aria-rowindex={place}
      className={[act ? "acts" : "", rowClass?.(row) ?? ""].join(" ").trim() || undefined}
      onClick={(event) => {
        // Links, buttons and selected text do what they always do.
        if (event.target instanceof Element && event.target.closest("a, button, input, label")) return;
        if (!window.getSelection()?.toString()) act?.();
      }}
    >
      {columns.map((column) => (
        <td key={column.key} className={cellClass(column)}>
          {column.cell ? column.cell(row) : String(column.value?.(row) ?? "–")}
        </td>
      ))}
    </tr>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden="true" className="table-gap">
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}

function cellClass<T>(column: Column<T>): string | undefined {
  return [column.number ? "number" : "", column.minor ? "minor" : ""].join(" ").trim() || undefined;
}

function arranged<T>(rows: readonly T[], columns: readonly Column<T>[], sort: string, find: ((row: T) => string) | undefined, wanted: string): readonly T[] {
  const text = wanted.trim().toLowerCase();
  const kept = find && text ? rows.filter((row) => find(row).toLowerCase().includes(text)) : rows;
  const down = sort.startsWith("-");
  const value = columns.find((column) => column.key === (down ? sort.slice(1) : sort))?.value;
  if (!value) return kept;
  return [...kept].sort((one, other) => compared(value(one), value(other), down));
}

function compared(one: Sortable, other: Sortable, down: boolean): number {
  // What is not known comes last either way.
  const lacks = Number(one === null || one === undefined) - Number(other === null || other === undefined);
  if (lacks || one === null || one === undefined || other === null || other === undefined) return lacks;
  const order = typeof one === "string" && typeof other === "string" ? one.localeCompare(other, "en", { numeric: true }) : Number(one) - Number(other);
  return down ? -order : order;
}

function asCsv<T>(rows: readonly T[], columns: readonly Column<T>[], note: string): string {
  const told = columns.filter((column) => column.value);
  return toCsv(
    told.map((column) => column.header),
    rows.map((row) => told.map((column) => column.value?.(row))),
    note,
  );
}
