import { useInfiniteQuery } from "@tanstack/react-query";
import { createContext, use, useCallback, useId, useMemo, useRef, useState, type ReactNode } from "react";
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
}

/** Who is behind a mark. */
export interface Behind {
  /** As "Viewed a product and did not buy". */
  title: string;
  /** One line more. */
  words?: ReactNode;
  /** How many there are, where that is known. */
  count?: number | null;
  /** A page of at most `limit` people after a cursor. */
  fetch: (asked: { cursor: string | undefined; limit: number; signal: AbortSignal }) => Promise<PeoplePage>;
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
  const chips: Chip[] = Object.entries(behind.filters ?? {}).map(([key, value]) => ({ key, label: key, value }));
  const count = behind.count === undefined || behind.count === null ? null : `${f.number(behind.count)} ${behind.count === 1 ? noun.one : noun.many}`;
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
      footer={<SaveAsSegment rule={behind.rule} findRule={behind.findRule} about={behind.title + JSON.stringify(behind.filters ?? {})} />}
    >
      <div className="stack" onClickCapture={(event) => event.target instanceof Element && event.target.closest("a[href]") && onClose()}>
        <Chips chips={chips} />
        {sees ? (
          <PeopleTable behind={behind} />
        ) : (
          <Empty icon="lock" title="Your role sees figures, not people">
            You can still save these {noun.many} as a segment and act on it.
          </Empty>
        )}
      </div>
    </Dialog>
  );
}

/** The people themselves, a page at a time; also of use outside the drawer. */
export function PeopleTable({ behind, maxHeight }: { behind: Behind; maxHeight?: number }) {
  const noun = useNoun();
  // The same mark opened again is asked for again: people come and go.
  const id = useId();
  const found = useInfiniteQuery<PeoplePage, ProblemError>({
    queryKey: ["people", id, behind.title, behind.filters ?? {}],
    queryFn: ({ pageParam, signal }) => behind.fetch({ cursor: pageParam as string | undefined, limit: PAGE, signal }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor || undefined,
    gcTime: 0,
  });
  const people = useMemo(() => (found.data?.pages ?? []).flatMap((page) => page.customers.map(asPerson)), [found.data]);
  const columns = useMemo(() => columnsOf(people, noun.One, behind.filters), [people, noun.One, behind.filters]);
  if (found.error) return <Problem error={found.error} onAgain={() => void found.refetch()} />;
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
