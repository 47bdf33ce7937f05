import { useInfiniteQuery } from "@tanstack/react-query";
import { createContext, use, useCallback, useEffect, useId, useMemo, useRef, useState, type ReactNode } from "react";
import type { ProblemError } from "../api/client";
import type { MarkRule } from "../api/types.gen";
import { Link } from "../app/router";
import { useMay, useNoun } from "../app/session";
import { Chips, type Chip } from "./Chips";
import { DataTable, type Column } from "./DataTable";
import { Dialog } from "./Dialog";
import { Empty } from "./Empty";
import { Skeleton } from "./Loading";
import { Problem } from "./Problem";
import { SaveAsSegment } from "./SaveAsSegment";
import { useFormat } from "./format";

/** One person of a list: the id, and whatever else is known, by name. */
export interface Person {
  customer: string;
  [fact: string]: unknown;
}

export interface PeoplePage {
  customers: readonly (string | Person)[];
  next_cursor?: string | null;
  /** How many there are; null where the first were found among some customers, and the rest is asked for next. */
  total?: number | null;
}

/** A page of at most `limit` people after a cursor; `soon`: the first of them, however many there are. */
export interface PeopleAsked {
  cursor: string | undefined;
  limit: number;
  soon: boolean;
  signal: AbortSignal;
}

/** Who is behind a mark. */
export interface Behind {
  /** As "Viewed a product and did not buy". */
  title: string;
  /** One line more. */
  words?: ReactNode;
  /** How many there are, where that is known. */
  count?: number | null;
  fetch: (asked: PeopleAsked) => Promise<PeoplePage>;
  /** The rule that selects them: then they can be saved as a segment, and everybody who comes to fit it with them. */
  rule?: string | null;
  /** Asks for that rule, where it is not known yet. */
  findRule?: (signal: AbortSignal) => Promise<MarkRule | null>;
  /** The filters under which they were found: shown, and carried on to the customer's page. */
  filters?: Readonly<Record<string, string>>;
}

type Show = (behind: Behind) => void;
const PeopleContext = createContext<Show>(() => undefined);
const PAGE = 100;
const DRAWN_MS = 300;

/** Shows the people behind something: `const show = usePeople(); show({ title, fetch, rule, filters })`. */
export function usePeople(): Show {
  return use(PeopleContext);
}

export function PeopleProvider({ children }: { children: ReactNode }) {
  const [behind, setBehind] = useState<Behind | null>(null);
  const asked = useRef(0);
  const show = useCallback<Show>((next) => {
    asked.current += 1;
    setBehind(next);
  }, []);
  return (
    <PeopleContext value={show}>
      {children}
      {behind && <PeopleDrawer key={asked.current} behind={behind} onClose={() => setBehind(null)} />}
    </PeopleContext>
  );
}

/** Where somebody's page is, with where one comes from. */
export function customerAddress(customer: string, filters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(filters).toString();
  return `/customers/${encodeURIComponent(customer)}${query ? `?${query}` : ""}`;
}

function PeopleDrawer({ behind, onClose }: { behind: Behind; onClose: () => void }) {
  const noun = useNoun();
  const f = useFormat();
  const sees = useMay()("see_people");
  const [found, setFound] = useState<Found>();
  const chips: Chip[] = Object.entries(behind.filters ?? {}).map(([key, value]) => ({ key, label: key, value }));
  const many = found?.total ?? behind.count ?? null;
  const count = many === null ? null : `${f.number(many)} ${many === 1 ? noun.one : noun.many}`;
  return (
    <Dialog
      open
      drawer
      onClose={onClose}
      title={behind.title}
      words={
        <>
          {count}
          {count && behind.words && " · "}
          {behind.words}
        </>
      }
      footer={<SaveAsSegment rule={behind.rule} findRule={behind.findRule} waits={sees && !found} about={behind.title + JSON.stringify(behind.filters ?? {})} />}
    >
      <div className="stack" onClickCapture={(event) => event.target instanceof Element && event.target.closest("a[href]") && onClose()}>
        <Chips chips={chips} />
        {sees ? (
          <PeopleTable behind={behind} onFound={setFound} />
        ) : (
          <Empty icon="lock" title="Your role sees figures, not people">
            You can still save these {noun.many} as a segment and act on it.
          </Empty>
        )}
      </div>
    </Dialog>
  );
}

/** Everybody was looked at: how many there are, where that is told. */
interface Found {
  total: number | null;
}

/** The people themselves, a page at a time, the first of them before everybody was looked at; also of use outside the drawer. */
export function PeopleTable({ behind, maxHeight, onFound }: { behind: Behind; maxHeight?: number; onFound?: (found: Found) => void }) {
  const noun = useNoun();
  // The same mark opened again is asked for again: people come and go.
  const id = useId();
  const found = useInfiniteQuery<PeoplePage, ProblemError>({
    queryKey: ["people", id, behind.title, behind.filters ?? {}],
    queryFn: ({ pageParam, signal }) => {
      const { cursor, soon } = pageParam as PageAfter;
      return behind.fetch({ cursor, limit: PAGE, soon, signal });
    },
    initialPageParam: { cursor: undefined, soon: true },
    // After the first of them whoever is left is looked for among everybody; then the pages are there.
    getNextPageParam: (last): PageAfter | undefined => (last.next_cursor ? { cursor: last.next_cursor, soon: last.total !== null } : undefined),
    gcTime: 0,
  });
  const last = found.data?.pages.at(-1);
  const isPart = last?.total === null;
  const { fetchNextPage, isFetchNextPageError: isBroken } = found;
  useEffect(() => {
    if (isPart && !isBroken) {
      // The first of them are drawn before the machine has more to do.
      const timer = setTimeout(() => void fetchNextPage(), DRAWN_MS);
      return () => clearTimeout(timer);
    }
    if (last) onFound?.({ total: last.total ?? null });
    return undefined;
  }, [isPart, isBroken, last, fetchNextPage, onFound]);
  const people = useMemo(() => (found.data?.pages ?? []).flatMap((page) => page.customers.map(asPerson)), [found.data]);
  const columns = useMemo(() => columnsOf(people, noun.One, behind.filters), [people, noun.One, behind.filters]);
  if (found.error && !found.data) return <Problem error={found.error} onAgain={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton lines={8} />;
  return (
    <DataTable
      caption={behind.title}
      columns={columns}
      rows={people}
      rowKey={(person) => person.customer}
      rowTo={(person) => customerAddress(person.customer, behind.filters)}
      empty={<Empty icon="people" title="Nobody" />}
      onMore={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
      isLoadingMore={found.isFetchingNextPage}
      {...(maxHeight ? { maxHeight } : {})}
    />
  );
}

interface PageAfter {
  cursor: string | undefined;
  soon: boolean;
}

function asPerson(said: string | Person): Person {
  return typeof said === "string" ? { customer: said } : said;
}

function columnsOf(people: readonly Person[], One: string, filters?: Readonly<Record<string, string>>): Column<Person>[] {
  const first = people[0];
  const facts = first ? Object.keys(first).filter((name) => name !== "customer" && typeof first[name] !== "object") : [];
  return [
    {
      key: "customer",
      header: One,
      value: (person) => person.customer,
      cell: (person) => (
        <Link to={customerAddress(person.customer, filters)} className="mono">
          {person.customer}
        </Link>
      ),
    },
    ...facts.map((name) => ({
      key: name,
      header: name.replaceAll("_", " "),
      value: (person: Person) => person[name] as string | number | boolean | null,
      number: typeof first?.[name] === "number",
    })),
  ];
}
