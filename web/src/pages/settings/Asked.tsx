import { useState, type ReactNode } from "react";
import { ProblemError } from "../../api/client";
import { Button, Copy, Dialog, Problem } from "../../parts";

/** Something that cannot be taken back, or shuts somebody out: asked once more, and the server's refusal shown in place. */
export function Confirm({ title, words, does, onYes, onClose }: { title: string; words: ReactNode; does: string; onYes: () => Promise<unknown>; onClose: () => void }) {
  const [error, setError] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const yes = async () => {
    setBusy(true);
    try {
      await onYes();
      onClose();
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
      title={title}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={busy} onClick={() => void yes()}>
            {does}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{words}</p>
        {error && <Problem small error={error} />}
      </div>
    </Dialog>
  );
}

/** A secret that is shown this once: a stray click or key does not close it. */
export function Secret({ title, words, secret, onClose, children }: { title: string; words: ReactNode; secret: string; onClose: () => void; children?: ReactNode }) {
  const [isWarned, setWarned] = useState(false);
  return (
    <Dialog
      open
      onClose={() => (isWarned ? onClose() : setWarned(true))}
      title={title}
      words={words}
      footer={
        <Button kind="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="stack">
        <code className="settings-secret">{secret}</code>
        <div className="row">
          <Copy label="Copy it" as={[{ label: "text", text: secret }]} />
        </div>
        {children}
        <p className="warn" role="alert">
          {isWarned && "It is not shown again. Close once more if you have kept it."}
        </p>
      </div>
    </Dialog>
  );
}
