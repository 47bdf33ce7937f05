import type { ProblemError } from "../api/client";
import { Button } from "./Button";
import { Icon } from "./Icon";

/** What the server refused, in its words, with what to do. */
export function Problem({ error, onAgain, small }: { error: ProblemError | Error; onAgain?: () => void; small?: boolean }) {
  const said = "do" in error ? error : null;
  return (
    <div className={small ? "problem problem-small" : "problem"} role="alert">
      <Icon name="alert" size={18} />
      <div className="grow">
        <p className="problem-what">{error.message}</p>
        {said && (
          <p className="quiet small">
            {said.do} <code className="tiny">{said.code}</code>
          </p>
        )}
      </div>
      {onAgain && (
        <Button small onClick={onAgain} icon="refresh">
          Again
        </Button>
      )}
    </div>
  );
}
