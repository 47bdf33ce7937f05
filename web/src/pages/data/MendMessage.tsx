/** New values for a failed live message, which is taken in at once with them. What it said stays sealed. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAct } from "../../api/client";
import type { LiveFailure } from "../../api/types.gen";
import { Button, Dialog, Field, Input, Problem, useSay } from "../../parts";

export function MendMessage({ row, onClose }: { row: LiveFailure; onClose: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const act = useAct("POST /api/v1/sources/failed/live/replay");
  const [path, setPath] = useState(row.field);
  const [value, setValue] = useState("");
  const save = () =>
    act.mutate(
      { body: { rows: { [String(row.id)]: { [path.trim()]: value === "" ? null : value } } } },
      {
        onSuccess: (report) => {
          void queries.invalidateQueries({ queryKey: ["GET /api/v1/sources/failed/live"] });
          const [still] = report.failing;
          if (still) say(`It still fails: ${still.reason}`, "bad");
          else {
            say("The message was taken in");
            onClose();
          }
        },
      },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Message ${row.id} of ${row.source}`}
      words="It goes through the same contract as when it came, and is in the log once."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={act.isPending} disabled={!path.trim()} onClick={save}>
            Mend and take in
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim()) save();
        }}
      >
        <p>
          {row.reason} <code>{row.code}</code>
        </p>
        <Field label="Where" hint="The name of a property, or a path such as userId or traits.plan.">
          {(control) => <Input {...control} value={path} onChange={setPath} maxLength={300} />}
        </Field>
        <Field label="New value" hint="Left empty, the value is taken away.">
          {(control) => <Input {...control} value={value} onChange={setValue} maxLength={10_000} />}
        </Field>
        {act.error && <Problem small error={act.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
