/** New values for a failed row, and, where it is the same for all, for every row with the same reason. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAct } from "../../api/client";
import type { FailedEntry } from "../../api/types.gen";
import { Button, Check, Dialog, Field, Input, Problem, useFormat, useSay } from "../../parts";

const MOST = 200;

export function Mend({ row, same, onClose }: { row: FailedEntry; same: readonly FailedEntry[]; onClose: () => void }) {
  const f = useFormat();
  const say = useSay();
  const queries = useQueryClient();
  const act = useAct("POST /api/v1/sources/failed/mend");
  const [changed, setChanged] = useState<Readonly<Record<string, string>>>({});
  const [forAll, setForAll] = useState(false);
  const isAt = (name: string) => name === row.field || name.toLowerCase().replaceAll(" ", "_") === row.field;
  // What is wrong comes first: the focus is there when the window opens.
  const names = Object.keys(row.row).sort((one, other) => Number(isAt(other)) - Number(isAt(one)));
  const fields = names.length ? names : row.field ? [row.field] : [];
  const rows = forAll ? same.slice(0, MOST) : [row];
  const save = () => {
    const values = Object.fromEntries(Object.entries(changed).map(([name, value]) => [name, value === "" ? null : value]));
    act.mutate(
      { body: { rows: Object.fromEntries(rows.map((each) => [String(each.id), values])) } },
      {
        onSuccess: ({ mended }) => {
          say(`${f.number(mended)} ${mended === 1 ? "row is" : "rows are"} mended; replay takes them in`);
          onClose();
          void queries.invalidateQueries({ queryKey: ["GET /api/v1/sources/failed"] });
        },
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Row ${row.id} of ${row.source}`}
      words={`${row.file}, line ${row.line}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={act.isPending} disabled={!Object.keys(changed).length} onClick={save}>
            {rows.length > 1 ? `Mend ${f.number(rows.length)} rows` : "Mend"}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(changed).length) save();
        }}
      >
        <p>
          {row.reason}. <code>{row.code}</code>
        </p>
        {!names.length && <p className="quiet small">Your role does not see what stands in failed rows; you can still put a new value in place of the one that is wrong.</p>}
        <div className="mend-fields">
          {fields.map((name) => (
            <Field key={name} label={name} error={isAt(name) && changed[name] === undefined ? "This is what is wrong." : null}>
              {(control) => <Input {...control} value={changed[name] ?? text(row.row[name])} onChange={(value) => setChanged({ ...changed, [name]: value })} maxLength={10_000} />}
            </Field>
          ))}
          {!fields.length && <p className="quiet">The whole row is wrong: mend it in its file, then load again.</p>}
        </div>
        {same.length > 1 && <Check label={`The same for all ${f.number(Math.min(same.length, MOST))} rows shown with this reason`} checked={forAll} onChange={setForAll} />}
        {act.error && <Problem small error={act.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
