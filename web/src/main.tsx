import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { ChangesProvider } from "./api/changes";
import { ProblemError } from "./api/client";
import { KeysProvider } from "./app/keys";
import { usePath } from "./app/router";
import { SIGN_IN as SignIn } from "./app/routes";
import { SessionProvider } from "./app/session";
import { Shell } from "./app/Shell";
import { PeopleProvider } from "./parts/People";
import { ToastProvider } from "./parts/Toast";
import { TooltipProvider } from "./parts/Tooltip";
import "./app/theme.css";
import "./app/base.css";
import "./app/shell.css";
import "./parts/parts.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (times, error) => error instanceof ProblemError && (error.status === 0 || error.status === 503) && times < 2,
    },
  },
});

function App() {
  const path = usePath();
  return (
    <SessionProvider>
      {path === "/sign-in" ? (
        <Suspense fallback={null}>
          <SignIn />
        </Suspense>
      ) : (
        <ChangesProvider>
          <PeopleProvider>
            <Shell />
          </PeopleProvider>
        </ChangesProvider>
      )}
    </SessionProvider>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <TooltipProvider delayDuration={300}>
          <ToastProvider>
            <KeysProvider>
              <App />
            </KeysProvider>
          </ToastProvider>
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
