/** What is said of a segment: its label, name, purpose and heading. */

import { Combobox, Field, Input, Panel, Select, TextArea } from "../../parts";
import { named } from "./names";
import type { Doc } from "./useEditor";
import { useVocabulary } from "./vocabulary";

interface AboutProps {
  doc: Doc;
  isNew: boolean;
  /** Whether somebody tried to publish: then what is missing is said. */
  wants: boolean;
  change: (doc: (before: Doc) => Doc, about?: string) => void;
}

export function About({ doc, isNew, wants, change }: AboutProps) {
  const words = useVocabulary();
  const set = (key: keyof Doc) => (value: string) => change((before) => ({ ...before, [key]: value }), key);
  // The name follows the label until it is written by hand.
  const setLabel = (label: string) => change((before) => ({ ...before, label, ...(isNew && before.name === named(before.label) ? { name: named(label) } : {}) }), "label");
  const isTaken = isNew && words.segments.some((each) => each.name === doc.name);
  const isOdd = doc.name !== "" && !/^[a-z_][a-z0-9_]*$/.test(doc.name);
  return (
    <Panel>
      <div className="builder-about">
        <Field label="What it is called">{(c) => <Input {...c} value={doc.label} placeholder="Shoes twice, gone quiet" onChange={setLabel} autoFocus={isNew && !doc.label} maxLength={200} />}</Field>
        <Field
          label="Name in files and rules"
          error={isTaken ? "Another segment has this name." : isOdd ? "Small letters, digits and _ only." : wants && !doc.name ? "A name is needed." : null}
        >
          {(c) => <Input {...c} className="mono" value={doc.name} readOnly={!isNew} onChange={set("name")} maxLength={100} />}
        </Field>
        <Field label="Purpose" hint="Who has no basis for it stays out.">
          {(c) => <Select {...c} value={doc.purpose} onChange={set("purpose")} of={[{ value: "", label: "None: for looking at only" }, ...words.purposes.map((each) => ({ value: each.name, label: each.label || each.name }))]} />}
        </Field>
      </div>
      <details className="builder-more" open={doc.description !== "" || doc.group !== ""}>
        <summary>What it is for, and under which heading</summary>
        <div className="builder-about">
          <Field label="Heading">{(c) => <Combobox id={c.id} label="Heading" free value={doc.group} options={words.groups.map((each) => ({ value: each, label: each }))} onChange={set("group")} placeholder="none" />}</Field>
          <Field label="What it is for">{(c) => <TextArea {...c} rows={2} value={doc.description} onChange={set("description")} maxLength={2000} />}</Field>
        </div>
      </details>
    </Panel>
  );
}
