/** Everybody, by segment, by any rule, or by what somebody is known by. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ask, useAsk, type Answer, type ProblemError } from "../../api/client";
import type { ListColumn, ListedCustomer } from "../../api/types.gen";
import { Link, navigate, useUrlState } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import {
  AsOf,
  Button,
  ButtonLink,
  Check,
  Chips,
  Combobox,
  Copy,
  DataTable,
  Empty,
  Field,
  Input,
  Page,
  Panel,
  Popover,
  Problem,
  Sentence,
  Skeleton,
  Tabs,
  asCurl,
  customerAddress,
  useFormat,
  type Chip,
  type Column,
} from "../../parts";
import { Review } from "./Review";
import { Value } from "./Value";
import "./customers.css";

const PAGE = 100;
const USUAL = { tab: "all", segment: "", rule: "", sort: "", ids: "", columns: [] as string[] };

export default function CustomersPage() {
  const noun = useNoun();
  const may = useMay();
  const [state, set] = useUrlState(USUAL);
  const list = <Everybody />;
  return (
    <Page title={noun.Many} words={<Find />}>
      {may("manage_identity") ? (
        <Tabs
          label={noun.Many}
          value={state.tab}
          onChange={(tab) => set({ tab }, { push: true })}
          tabs={[
            { value: "all", label: `All ${noun.many}`, children: list },
            { value: "review", label: "One or two people?", children: <Review /> },
          ]}
        />
      ) : (
        list
      )}
    </Page>
  );
}

/** By an id or an identifier: one leads to the page, several to a list. */
function Find() {
  const noun = useNoun();
  const may = useMay();
  const [, set] = useUrlState(USUAL);
  const [wanted, setWanted] = useState("");
  const [said, setSaid] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const find = async () => {
    const q = wanted.trim();
    if (!q) return;
    setBusy(true);
    setSaid(null);
    try {
      const { customers } = await ask("GET /api/v1/customers", { query: { q } });
      const [first] = customers;
      if (customers.length === 1 && first) navigate(customerAddress(first));
      else if (customers.length) set({ tab: "all", segment: "", rule: "", ids: customers.join(";") }, { push: true });
      else setSaid(`No ${noun.one} is known by ${q}.`);
    } catch (error) {
      setSaid([(error as ProblemError).message, (error as ProblemError).do].filter(Boolean).join(" "));
    } finally {
      setBusy(false);
    }
  };
  const hint = may("see_personal")
    ? "An id, user_id:42, email:ann@example.com, or any trait and its value"
    : "A random id, or an open trait and its value, as city:Leeds";
  return (
    <form
      className="find-customer"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <Field label={`Find a ${noun.one}`} bare hint={hint} error={said}>
        {(control) => <Input {...control} icon="search" placeholder={`Find a ${noun.one}`} value={wanted} onChange={setWanted} maxLength={300} />}
      </Field>
      <Button submits busy={isBusy}>
        Find
      </Button>
    </form>
  );
}

function Everybody() {
  const noun = useNoun();
  const may = useMay();
  const f = useFormat();
  const [state, set] = useUrlState(USUAL);
  const query = {
    segment: state.segment || undefined,
    rule: state.rule || undefined,
    ids: state.ids || undefined,
    columns: state.columns.length ? state.columns.join(";") : undefined,
    sort: state.sort || undefined,
  };
  const found = useInfiniteQuery<Answer<"GET /api/v1/customer-list">, ProblemError>({
    queryKey: ["GET /api/v1/customer-list", query],
    queryFn: ({ pageParam, signal }) =>
      ask("GET /api/v1/customer-list", { query: { ...query, limit: PAGE, cursor: pageParam as string | undefined } }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const first = found.data?.pages[0];
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.customers) ?? [], [found.data]);
  const carried = useMemo(() => carriedBy(state.segment, state.rule), [state.segment, state.rule]);
  const columns = useMemo(() => columnsOf(first?.columns ?? [], noun.One, carried), [first?.columns, noun.One, carried]);
  const rule = ruleOf(state.segment, state.rule);
  return (
    <div className="stack">
      <Filters />
      <Panel
        flush
        title={first ? `${f.number(first.total)} ${first.total === 1 ? noun.one : noun.many}` : noun.Many}
        words={first?.words ? <Sentence text={first.words} /> : undefined}
        actions={
          <>
            {rule && may("edit_definitions") && (
              <ButtonLink to={`/segments/new?rule=${encodeURIComponent(rule)}`} icon="segments" small>
                Save as segment
              </ButtonLink>
            )}
            <Copy as={[{ label: "curl", text: () => asCurl("GET /api/v1/customer-list", { query }) }, ...(rule ? [{ label: "rule", text: rule }] : [])]} />
          </>
        }
        foot={first && <AsOf at={first.as_of} />}
      >
        {found.error ? (
          <div className="padded">
            <Problem error={found.error} onAgain={() => void found.refetch()} />
          </div>
        ) : found.isPending ? (
          <div className="padded">
            <Skeleton lines={10} />
          </div>
        ) : (
          <DataTable<ListedCustomer>
            caption={noun.Many}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.customer}
            rowTo={(row) => customerAddress(row.customer, carried)}
            sort={state.sort}
            onSort={(sort) => set({ sort })}
            tools={first && <Choose columns={first.sortable} shown={first.columns} onChange={(names) => set({ columns: names })} />}
            maxHeight={640}
            empty={<Nobody isFiltered={Boolean(state.segment || state.rule || state.ids)} onClear={() => set({ segment: "", rule: "", ids: "" })} />}
            onMore={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
            isLoadingMore={found.isFetchingNextPage}
          />
        )}
      </Panel>
    </div>
  );
}

function Nobody({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const noun = useNoun();
  if (isFiltered) {
    return (
      <Empty icon="people" title={`No ${noun.one} fits`} action={<Button onClick={onClear}>Clear the filters</Button>}>
        Nobody is in this segment and fits this rule as of now.
      </Empty>
    );
  }
  return (
    <Empty icon="people" title={`No ${noun.many} yet`} command="habitue build">
      Declare a source of {noun.many} or of what they do, then build.
    </Empty>
  );
}

function Filters() {
  const [state, set] = useUrlState(USUAL);
  const f = useFormat();
  const segments = useAsk("GET /api/v1/segments", {}, { staleTime: 30_000 });
  const [rule, setRule] = useState<string | null>(null);
  const options = useMemo(
    () => [
      { value: "", label: "Everybody" },
      ...(segments.data ?? []).map((each) => ({ value: each.name, label: each.label || each.name, hint: each.customers === null ? "" : f.number(each.customers) })),
    ],
    [segments.data, f],
  );
  const label = options.find((each) => each.value === state.segment)?.label ?? state.segment;
  const many = state.ids ? state.ids.split(";").length : 0;
  const chips: Chip[] = [
    ...(state.segment ? [{ key: "segment", label: "Segment", value: label, onRemove: () => set({ segment: "" }) }] : []),
    ...(state.rule ? [{ key: "rule", label: "Rule", value: state.rule, onRemove: () => (set({ rule: "" }), setRule(null)) }] : []),
    ...(many ? [{ key: "ids", label: "Only", value: `${many} found`, onRemove: () => set({ ids: "" }) }] : []),
  ];
  const take = () => {
    if (rule !== null && rule.trim() !== state.rule) set({ rule: rule.trim() }, { push: true });
  };
  return (
    <div className="stack tight">
      <div className="list-filters">
        <Field label="Segment">
          {(control) => <Combobox id={control.id} label="Segment" value={state.segment} options={options} onChange={(segment) => set({ segment }, { push: true })} />}
        </Field>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            take();
          }}
        >
          <Field label="Rule">
            {(control) => (
              <Input
                {...control}
                className="mono"
                placeholder="count('Order Completed', last='90d') >= 3"
                value={rule ?? state.rule}
                onChange={setRule}
                onBlur={take}
                maxLength={20_000}
              />
            )}
          </Field>
        </form>
      </div>
      <Chips chips={chips} onClear={() => (set({ segment: "", rule: "", ids: "" }), setRule(null))} />
    </div>
  );
}

const MOST_COLUMNS = 12;

/** Which columns are shown. */
function Choose({ columns, shown, onChange }: { columns: readonly ListColumn[]; shown: readonly ListColumn[]; onChange: (names: string[]) => void }) {
  const names = shown.map((each) => each.name);
  const [wanted, setWanted] = useState("");
  const fits = columns.filter((each) => `${each.name} ${each.label}`.toLowerCase().includes(wanted.toLowerCase()));
  const group = (space: string) => fits.filter((each) => each.name.startsWith(`${space}.`));
  return (
    <Popover
      label="Columns"
      trigger={
        <Button small kind="quiet" icon="table">
          Columns
        </Button>
      }
    >
      <div className="choose-columns">
        <Input type="search" icon="search" aria-label="Find a column" placeholder="Find a column" value={wanted} onChange={setWanted} />
        <div className="choose-list" tabIndex={0} role="group" aria-label="Columns">
          {(["trait", "feature"] as const).map((space) => (
            <div key={space}>
              {group(space).length > 0 && <h4>{space === "trait" ? "Traits" : "Features"}</h4>}
              {group(space).map((each) => (
                <Check
                  key={each.name}
                  label={each.label}
                  hint={each.personal ? "hidden" : ""}
                  checked={names.includes(each.name)}
                  disabled={!names.includes(each.name) && names.length >= MOST_COLUMNS}
                  onChange={(on) => onChange(on ? [...names, each.name] : names.filter((name) => name !== each.name))}
                />
              ))}
            </div>
          ))}
        </div>
        <Button small kind="quiet" onClick={() => onChange([])}>
          The usual ones
        </Button>
      </div>
    </Popover>
  );
}

/** The filters that a page of one of them carries on. */
function carriedBy(segment: string, rule: string): Record<string, string> {
  return { ...(segment ? { segment } : {}), ...(rule ? { rule } : {}) };
}

function ruleOf(segment: string, rule: string): string {
  const member = segment ? `segment.${segment}` : "";
  return member && rule ? `${member} and (${rule})` : member || rule;
}

const COUNTED = ["integer", "number", "money"];

function columnsOf(columns: readonly ListColumn[], One: string, carried: Record<string, string>): Column<ListedCustomer>[] {
  return [
    {
      key: "customer",
      header: One,
      width: "13rem",
      cell: (row) => (
        <Link to={customerAddress(row.customer, carried)} className="mono">
          {row.customer}
        </Link>
      ),
    },
    ...columns.map((column, place) => ({
      key: column.name,
      header: column.label.charAt(0).toUpperCase() + column.label.slice(1),
      number: COUNTED.includes(column.kind),
      minor: place > 3,
      cell: (row: ListedCustomer) => <Value kind={column.personal ? "personal" : column.kind} value={row.values[place]} unit={column.unit} />,
      ...(column.personal ? {} : { value: (row: ListedCustomer) => row.values[place] as string | number | boolean | null }),
    })),
  ];
}
