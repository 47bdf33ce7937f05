/** What somebody allows, everything they said about it, and putting on record what they say now. */

import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useAct, useAsk } from "../../api/client";
import type { ConsentEntry, ConsentState, PurposeState } from "../../api/types.gen";
import { useMay, useNoun } from "../../app/session";
import { Badge, Button, DataTable, Dialog, Empty, Field, Input, Panel, Problem, Select, useFormat, useSay, type Column } from "../../parts";

const STATES: readonly { value: ConsentState; label: string }[] = [
  { value: "given", label: "agrees" },
  { value: "withdrawn", label: "withdraws" },
  { value: "objected", label: "objects" },
  { value: "restricted", label: "restricts any use" },
  { value: "lifted", label: "lifts the restriction" },
];
const ABOUT_ALL: readonly ConsentState[] = ["restricted", "lifted"];

export function Consents({ customer, states }: { customer: string; states: readonly PurposeState[] }) {
  const may = useMay();
  const f = useFormat();
  const [isAsking, setAsking] = useState(false);
  const columns = useMemo<Column<PurposeState>[]>(
    () => [
      { key: "label", header: "Purpose", value: (row) => row.label, cell: (row) => <><span>{row.label}</span> <code className="tiny">{row.purpose}</code></> },
      { key: "allowed", header: "Data may be used", value: (row) => row.allowed, cell: (row) => <Badge tone={row.allowed ? "good" : "bad"}>{row.allowed ? "allowed" : "not allowed"}</Badge> },
      { key: "state", header: "Last said", value: (row) => row.state, cell: (row) => row.state ?? <span className="quiet">nothing</span> },
      { key: "since", header: "When", value: (row) => row.since, cell: (row) => f.time(row.since) },
      { key: "basis", header: "Legal basis", value: (row) => row.basis, cell: (row) => row.basis.replaceAll("_", " "), minor: true },
    ],
    [f],
  );
  return (
    <div className="stack">
      <Panel
        title="Consents"
        flush
        actions={
          may("manage_privacy") && (
            <Button small icon="edit" onClick={() => setAsking(true)}>
              Put on record
            </Button>
          )
        }
      >
        <DataTable
          caption="Consents"
          columns={columns}
          rows={states}
          rowKey={(row) => row.purpose}
          empty={
            <Empty icon="privacy" title="No purpose is declared">
              Declare what data is used for in policies/*.yaml.
            </Empty>
          }
        />
      </Panel>
      {may("manage_privacy") && <Said customer={customer} />}
      <Record customer={customer} states={states} open={isAsking} onClose={() => setAsking(false)} />
    </div>
  );
}

function Said({ customer }: { customer: string }) {
  const f = useFormat();
  const found = useAsk("GET /api/v1/customers/{id}/consents", { path: { id: customer } });
  const columns = useMemo<Column<ConsentEntry>[]>(
    () => [
      { key: "occurred_at", header: "When", value: (row) => row.occurred_at, cell: (row) => f.time(row.occurred_at) },
      { key: "state", header: "Said", value: (row) => row.state },
      { key: "purpose", header: "About", value: (row) => row.purpose || "any use" },
      { key: "strength", header: "How", value: (row) => row.strength, minor: true },
      { key: "source", header: "Where", value: (row) => row.source || null },
      { key: "text_version", header: "Wording", value: (row) => row.text_version || null, minor: true },
      { key: "region", header: "Region", value: (row) => row.region || null, minor: true },
    ],
    [f],
  );
  return (
    <Panel title="Everything that was said" flush of={found}>
      <DataTable
        caption="Everything that was said"
        columns={columns}
        rows={found.data?.entries ?? []}
        rowKey={(row) => `${row.record_id} ${row.purpose} ${row.state} ${row.occurred_at}`}
        empty={<Empty icon="privacy" title="Nothing was said yet" />}
      />
    </Panel>
  );
}

function Record({ customer, states, open, onClose }: { customer: string; states: readonly PurposeState[]; open: boolean; onClose: () => void }) {
  const noun = useNoun();
  const say = useSay();
  const queries = useQueryClient();
  const act = useAct("POST /api/v1/customers/{id}/consents");
  const [state, setState] = useState<ConsentState>("withdrawn");
  const [purpose, setPurpose] = useState(states[0]?.purpose ?? "");
  const [source, setSource] = useState("");
  const isAboutAll = ABOUT_ALL.includes(state);
  const record = () =>
    act.mutate(
      { path: { id: customer }, body: { state, purpose: isAboutAll ? "" : purpose, source } },
      {
        onSuccess: (said) => {
          const turned = said.turns.length;
          say(turned ? `On record; ${turned} memberships changed` : "On record");
          onClose();
          void queries.invalidateQueries();
        },
      },
    );
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Put on record what they say"
      words="It counts in every answer from now on, before this window closes."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={act.isPending} disabled={!isAboutAll && !purpose} onClick={record}>
            Put on record
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label={`This ${noun.one}`}>{(control) => <Select {...control} value={state} onChange={setState} of={STATES} />}</Field>
        {!isAboutAll && <Field label="About">{(control) => <Select {...control} value={purpose} onChange={setPurpose} of={states.map((each) => ({ value: each.purpose, label: each.label }))} />}</Field>}
        <Field label="Where it was said" hint="A form, a letter, a call.">
          {(control) => <Input {...control} value={source} onChange={setSource} maxLength={1000} />}
        </Field>
        {act.error && <Problem small error={act.error} />}
      </div>
    </Dialog>
  );
}
