import { createContext, use, useCallback, useRef, useState, type ReactNode } from "react";
import { Icon } from "./Icon";

type Say = (text: string, tone?: "good" | "bad") => void;
const ToastContext = createContext<Say>(() => undefined);
const SHOWN_MS = 5_000;

/** Says what was done: `const say = useSay(); say("Published")`; also told to those who listen. */
export function useSay(): Say {
  return use(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<readonly { id: number; text: string; tone: "good" | "bad" }[]>([]);
  const next = useRef(0);
  const say = useCallback<Say>((text, tone = "good") => {
    const id = next.current++;
    setSaid((before) => [...before.slice(-2), { id, text, tone }]);
    setTimeout(() => setSaid((before) => before.filter((each) => each.id !== id)), SHOWN_MS);
  }, []);
  return (
    <ToastContext value={say}>
      {children}
      <div className="toasts" role="status">
        {said.map((each) => (
          <div key={each.id} className={`toast ${each.tone}`}>
            <Icon name={each.tone === "good" ? "check" : "alert"} />
            {each.text}
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
