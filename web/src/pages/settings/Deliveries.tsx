import { keepPreviousData } from "@tanstack/react-query";
import { useAsk } from "../../api/client";
import type { DeliveryEntry } from "../../api/types.gen";
import { Link } from "../../app/router";
import { Badge, DataTable, Field, Panel, Select, useFormat, type Column } from "../../parts";

const TONES: Readonly<Record<string, "good" | "bad" | "warn" | "plain">> = { delivered: "good", waiting: "warn", given_up: "bad", withheld: "plain" };
const STATES = [
  { value: "", label: "in every state" },
  { value: "waiting", label: "waiting" },
  { value: "delivered", label: "delivered" },
  { value: "given_up", label: "given up" },
  { value: "withheld", label: "withheld" },
] as const;

interface DeliveriesProps {
  channels: readonly string[];
  channel: string;
  state: string;
  onChange: (changes: { channel?: string; state?: string }) => void;
}

/** What became of each delivery, what changed last first; it names nobody, only the number of the change. */
export function Deliveries({ channels, channel, state, onChange }: DeliveriesProps) {
  const format = useFormat();
  const found = useAsk("GET /api/v1/channels/deliveries", { query: { channel: channel || undefined, state: state || undefined, limit: 200 } }, { placeholderData: keepPreviousData, refetchInterval: 10_000 });
  const columns: Column<DeliveryEntry>[] = [
    { key: "sequence", header: "Change", value: (row) => row.sequence, number: true, width: "6rem" },
    { key: "channel", header: "Channel", value: (row) => row.channel, minor: true },
    {
      key: "what",
      header: "What",
      value: (row) => `${row.entered ? "entered" : "left"} ${row.segment}`,
      cell: (row) => (
        <span>
          {row.entered ? "entered" : "left"} <Link to={`/segments/${row.segment}`}>{row.segment}</Link>
        </span>
      ),
    },
    { key: "state", header: "State", value: (row) => row.state, cell: (row) => <Badge tone={TONES[row.state] ?? "plain"}>{row.state.replace("_", " ")}</Badge> },
    { key: "why", header: "Last attempt", value: (row) => `${row.why}${row.status === null ? "" : ` (${row.status})`}`, minor: true },
    { key: "attempts", header: "Attempts", value: (row) => row.attempts, number: true },
    { key: "took_ms", header: "Took", value: (row) => row.took_ms, cell: (row) => format.duration(row.took_ms / 1000), number: true, minor: true },
    { key: "changed_at", header: "Changed", value: (row) => row.changed_at, cell: (row) => format.time(row.changed_at) },
    { key: "next_at", header: "Next", value: (row) => row.next_at ?? "", cell: (row) => (row.next_at ? format.ago(row.next_at) : format.none), minor: true },
  ];
  return (
    <Panel
      flush
      title="Deliveries"
      words="What became of each, the latest 200; nobody's name or id is in it."
      of={found}
      actions={
        <>
          <Field bare label="Channel">
            {(control) => <Select {...control} value={channel} onChange={(value) => onChange({ channel: value })} of={[{ value: "", label: "of every channel" }, ...channels.map((each) => ({ value: each, label: `of ${each}` }))]} />}
          </Field>
          <Field bare label="State">
            {(control) => <Select {...control} value={state} onChange={(value) => onChange({ state: value })} of={STATES} />}
          </Field>
        </>
      }
    >
      <DataTable caption="Deliveries and their state" columns={columns} rows={found.data ?? []} rowKey={(row) => `${row.channel}-${row.sequence}`} sort="-changed_at" empty={<p className="table-none quiet">Nothing was delivered yet.</p>} />
    </Panel>
  );
}
