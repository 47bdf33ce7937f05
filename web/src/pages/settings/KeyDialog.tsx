import { useState } from "react";
import { ask, ProblemError, useAsk } from "../../api/client";
import type { NewKey, Role, Scope } from "../../api/types.gen";
import { Button, Dialog, Field, Problem, Select } from "../../parts";
import { ROLES } from "./roles";

export const SCOPES: readonly { value: Scope; label: string; hint: string }[] = [
  { value: "collect", label: "Sending events", hint: "For sites and apps: it can send, and read nothing." },
  { value: "read", label: "Reading", hint: "Reads what its role may see; changes nothing." },
  { value: "decide", label: "Decisions", hint: "Asks what to do for one customer." },
  { value: "admin", label: "Everything", hint: "Whatever its role may do. Give it to nobody you would not give the project." },
];

const LENGTHS = [
  { value: "1d", label: "a day" },
  { value: "30d", label: "30 days" },
  { value: "90d", label: "90 days" },
  { value: "365d", label: "a year" },
] as const;

/** A new key. */
export function KeyDialog({ onClose, onMade }: { onClose: () => void; onMade: (key: NewKey) => Promise<void> }) {
  const project = useAsk("GET /api/v1/settings/project");
  const [scope, setScope] = useState<Scope>("read");
  const [role, setRole] = useState<Role>("executive");
  const [source, setSource] = useState("");
  const [expires, setExpires] = useState<string>("90d");
  const [error, setError] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const hasRole = scope === "read" || scope === "admin";
  const sources = project.data?.live_sources ?? [];
  const make = async () => {
    setBusy(true);
    setError(null);
    try {
      await onMade(await ask("POST /api/v1/settings/keys", { body: { scope, expires, ...(hasRole ? { role } : {}), ...(scope === "collect" ? { source } : {}) } }));
    } catch (problem) {
      setBusy(false);
      if (problem instanceof ProblemError) setError(problem);
      else throw problem;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make an API key"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} onClick={() => void make()}>
            Make it
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="For" hint={SCOPES.find((each) => each.value === scope)?.hint}>
          {(control) => <Select {...control} value={scope} onChange={setScope} of={SCOPES} />}
        </Field>
        {hasRole && (
          <Field label="As" hint={ROLES.find((each) => each.value === role)?.hint}>
            {(control) => <Select {...control} value={role} onChange={setRole} of={ROLES} />}
          </Field>
        )}
        {scope === "collect" && (
          <Field label="Source" hint={sources.length ? "Its events count as of this live source." : "No source takes events in yet: a file in sources/ with `collect: true` does."}>
            {(control) => <Select {...control} value={source} onChange={setSource} of={[{ value: "", label: "the only one there is" }, ...sources.map((each) => ({ value: each, label: each }))]} />}
          </Field>
        )}
        <Field label="Valid for">{(control) => <Select {...control} value={expires} onChange={setExpires} of={LENGTHS} />}</Field>
        {error && <Problem small error={error} />}
      </div>
    </Dialog>
  );
}
