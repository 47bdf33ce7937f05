import { useState, type FormEvent } from "react";
import { ask, ProblemError } from "../../api/client";
import type { Role, User } from "../../api/types.gen";
import { Button, Dialog, Field, Input, Problem, Select } from "../../parts";
import { ROLES, roleLabel } from "./roles";

type Doing = { what: "add" } | { what: string; user: User };

const SHORTEST = 12;

/** A new user, or another role or password of one. */
export function UserDialog({ doing, onClose, onDone }: { doing: Doing; onClose: () => void; onDone: (said: string) => Promise<void> }) {
  const user = "user" in doing ? doing.user : null;
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(user?.role ?? "executive");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const wantsPassword = doing.what !== "role";
  const isReady = (user !== null || name !== "") && (!wantsPassword || password.length >= SHORTEST);
  const send = async () => {
    if (!user) {
      await ask("POST /api/v1/settings/users", { body: { name: name.trim(), role, password } });
      return `${name.trim()} may sign in as ${roleLabel(role).toLowerCase()}`;
    }
    await ask("PATCH /api/v1/settings/users/{name}", { path: { name: user.name }, body: wantsPassword ? { password } : { role } });
    return wantsPassword ? `${user.name} signs in with the new password` : `${user.name} is ${roleLabel(role).toLowerCase()} now`;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady || busy) return;
    setBusy(true);
    setError(null);
    try {
      await onDone(await send());
    } catch (problem) {
      setBusy(false);
      if (problem instanceof ProblemError) setError(problem);
      else throw problem;
    }
  };
  const title = !user ? "Add a user" : wantsPassword ? `New password for ${user.name}` : `The role of ${user.name}`;
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      words={user && wantsPassword ? "They are signed out everywhere." : undefined}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} disabled={!isReady} onClick={(event) => void submit(event)}>
            {user ? "Change" : "Add"}
          </Button>
        </>
      }
    >
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {!user && (
          <Field label="Name" hint="Small letters, digits and . _ @ + -">
            {(control) => <Input {...control} autoFocus autoCapitalize="none" value={name} onChange={setName} />}
          </Field>
        )}
        {(!user || !wantsPassword) && (
          <Field label="Role" hint={ROLES.find((each) => each.value === role)?.hint}>
            {(control) => <Select {...control} value={role} onChange={setRole} of={ROLES} />}
          </Field>
        )}
        {wantsPassword && (
          <Field label="Password" hint={`${SHORTEST} characters and more that nobody guesses; a few words do well.`}>
            {(control) => <Input {...control} type="password" autoComplete="new-password" autoFocus={user !== null} value={password} onChange={setPassword} />}
          </Field>
        )}
        {error && <Problem small error={error} />}
        <button type="submit" className="unseen" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}
