import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { address, ask, ProblemError } from "../../api/client";
import type { SessionSeen } from "../../api/types.gen";
import { navigate, useTitle } from "../../app/router";
import { Button, Field, Input, Problem } from "../../parts";
import { refusal } from "./refusals";
import "./sign-in.css";

/** The page somebody wanted; never one of another server. */
function wanted(): string {
  const next = new URLSearchParams(window.location.search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

const LINK = /^#link=([\w-]+)$/;

/** What stands behind `#link=`; taken out of the address at once, so that nothing keeps it. */
function linkInAddress(): string | null {
  const link = LINK.exec(window.location.hash)?.[1] ?? null;
  if (link) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return link;
}

export default function SignInPage() {
  useTitle("Sign in");
  const queries = useQueryClient();
  const next = useRef(wanted());
  const refused = useRef(new URLSearchParams(window.location.search).get("refused"));
  const [error, setError] = useState<ProblemError | null>(() => refusal(refused.current));
  const [isEntering, setEntering] = useState(() => LINK.test(window.location.hash));
  const seen = useQuery<SessionSeen, ProblemError>({
    queryKey: ["session"],
    queryFn: ({ signal }) => ask("GET /api/v1/session", {}, signal),
  });

  const enter = async (asked: () => Promise<SessionSeen>) => {
    setEntering(true);
    setError(null);
    try {
      queries.setQueryData(["session"], await asked());
      navigate(next.current, { replace: true });
    } catch (problem) {
      setEntering(false);
      if (problem instanceof ProblemError) setError(problem);
      else throw problem;
    }
  };

  useEffect(() => {
    const take = () => {
      const link = linkInAddress();
      if (link) void enter(() => ask("POST /api/v1/session/link", { body: { link } }));
    };
    take();
    // Whoever puts a link into the address of this very page.
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);

  const isIn = seen.data?.signed_in === true && !isEntering;
  useEffect(() => {
    if (isIn) navigate(next.current, { replace: true });
  }, [isIn]);

  // Until it is known who vouches for people here, nothing is shown that would move.
  if (isIn || seen.isPending) return null;
  return (
    <main className="sign-in">
      <section className="sign-in-card" aria-labelledby="sign-in-title">
        <header className="sign-in-head">
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <div>
            <h1 id="sign-in-title">Sign in</h1>
            <p className="quiet small">Habitue knows who your customers are. Who are you?</p>
          </div>
        </header>
        {error && <Problem small error={error} />}
        {seen.data?.provider && (
          <>
            <Button kind="primary" className="sign-in-wide" icon="key" onClick={() => window.location.assign(address("GET /api/v1/session/provider", { query: { next: next.current } }))}>
              {seen.data.provider}
            </Button>
            <p className="sign-in-or">
              <span>or with an account of this project</span>
            </p>
          </>
        )}
        <Account isBusy={isEntering} isFirst={!seen.data?.provider} onEnter={(name, password) => void enter(() => ask("POST /api/v1/session", { body: { name, password } }))} />
        <footer className="sign-in-foot small quiet">
          <p>
            At the machine itself: <code>habitue users link</code> prints a link that opens the app, once. <code>habitue users add NAME --role ROLE</code> makes an account.
          </p>
        </footer>
      </section>
    </main>
  );
}

function Account({ isBusy, isFirst, onEnter }: { isBusy: boolean; isFirst: boolean; onEnter: (name: string, password: string) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [isShown, setShown] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name && password && !isBusy) onEnter(name.trim(), password);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label="Name">{(control) => <Input {...control} name="username" autoComplete="username" autoCapitalize="none" autoFocus value={name} onChange={setName} />}</Field>
      <Field label="Password">
        {(control) => (
          <span className="sign-in-password">
            <Input {...control} name="password" type={isShown ? "text" : "password"} autoComplete="current-password" value={password} onChange={setPassword} />
            <Button kind="quiet" small aria-pressed={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? "Hide" : "Show"}
            </Button>
          </span>
        )}
      </Field>
      <Button kind={isFirst ? "primary" : "plain"} submits busy={isBusy} disabled={!name || !password} className="sign-in-wide">
        Sign in
      </Button>
    </form>
  );
}
