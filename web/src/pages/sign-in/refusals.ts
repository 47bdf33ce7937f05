/** Why the way by a provider ended here, in words: the address of the page says the code. */

import { ProblemError } from "../../api/client";

const SAID: Readonly<Record<string, readonly [what: string, next: string]>> = {
  "PROVIDER-ABSENT": ["No provider vouches for people here.", "Use an account of this project."],
  "PROVIDER-REFUSED": ["Your provider did not vouch for you, or it took too long.", "Begin again."],
  "PROVIDER-ROLE": ["Your provider knows you, and none of your groups has a role here.", "Ask an administrator to add one of them under sign_in.roles in habitue.yaml."],
  "PROVIDER-SILENT": ["Your provider does not answer as it should.", "Try again in a moment; an administrator finds why with `habitue doctor` and the server's log."],
};

/** The problem that a code of the address stands for; of one that nobody knows, a plain one. */
export function refusal(code: string | null): ProblemError | null {
  if (!code || !/^[A-Z-]{1,40}$/.test(code)) return null;
  const [what, next] = SAID[code] ?? ["You were not signed in.", "Begin again."];
  return new ProblemError(401, { code, detail: what, do: next });
}
