/** What surrounds every page: navigation, search, who is here. */

import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useMemo, useRef, useState } from "react";
import { askLoosely } from "../api/client";
import { useCounters } from "../api/changes";
import { Button, IconButton } from "../parts/Button";
import { Empty } from "../parts/Empty";
import { Live } from "../parts/Figure";
import { Icon } from "../parts/Icon";
import { Skeleton } from "../parts/Loading";
import { Menu } from "../parts/Menu";
import { Keys, useKeyHelp, useShortcut } from "./keys";
import { Boundary } from "./Boundary";
import { Jump } from "./Jump";
import { Link, matched, navigate, ParamsProvider, usePath, type Params } from "./router";
import { NAVIGATION, ROUTES, type NavItem, type PageRoute } from "./routes";
import { useMay, useNoun, useSession } from "./session";
import { chooseTheme, useTheme, type Chosen } from "./theme";

const ROLES: Readonly<Record<string, string>> = {
  executive: "Executive",
  analyst: "Analyst",
  marketer: "Marketer",
  privacy_officer: "Privacy officer",
  admin: "Administrator",
};

function routeAt(path: string): { route: PageRoute; params: Params } | null {
  for (const route of ROUTES) {
    const params = matched(route.path, path);
    if (params) return { route, params };
  }
  return null;
}

export function Shell() {
  const path = usePath();
  const [isOpen, setOpen] = useState(false);
  const [isJumping, setJumping] = useState(false);
  useShortcut("/", "Search", "Everywhere", () => setJumping(true));
  useShortcut("mod+k", "Search", "Everywhere", () => setJumping(true), true);
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    setOpen(false);
    // Whoever listens hears the new page; whoever looks begins at its top.
    document.getElementById("main")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="bar">
        <IconButton icon="menu" label="Navigation" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} />
        <Brand />
        <span className="grow" />
        <IconButton icon="search" label="Search" onClick={() => setJumping(true)} />
      </header>
      <aside className={isOpen ? "side open" : "side"}>
        <Brand />
        <button type="button" className="jump-button" onClick={() => setJumping(true)}>
          <Icon name="search" />
          <span className="grow">Search</span>
          <kbd>/</kbd>
        </button>
        <Navigation path={path} />
        <Who />
      </aside>
      {isOpen && <div className="veil" onClick={() => setOpen(false)} />}
      <main id="main" tabIndex={-1}>
        <Here path={path} />
      </main>
      {isJumping && <Jump onClose={() => setJumping(false)} />}
    </div>
  );
}

function Brand() {
  const { project } = useSession();
  return (
    <Link to="/" className="brand">
      <img src="/favicon.svg" alt="" width={28} height={28} />
      <span>
        <strong>{project.name}</strong>
        <span className="quiet tiny">Habitue</span>
      </span>
    </Link>
  );
}

function Here({ path }: { path: string }) {
  const may = useMay();
  const found = useMemo(() => routeAt(path), [path]);
  if (!found) {
    return (
      <Empty icon="search" title="There is no such page" action={<Button onClick={() => navigate("/")}>Overview</Button>}>
        <code>{path}</code> leads nowhere.
      </Empty>
    );
  }
  if (found.route.needs && !may(found.route.needs)) {
    return (
      <Empty icon="lock" title="Your role does not see this page">
        It needs the permission <code>{found.route.needs}</code>. Whoever manages users can give you a role that has it.
      </Empty>
    );
  }
  const { page: PageHere } = found.route;
  return (
    <Boundary key={path}>
      <Suspense fallback={<PageSkeleton />}>
        <ParamsProvider params={found.params}>
          <PageHere />
        </ParamsProvider>
      </Suspense>
    </Boundary>
  );
}

function PageSkeleton() {
  return (
    <div className="page">
      <Skeleton lines={2} />
      <Skeleton height={240} />
    </div>
  );
}

function Navigation({ path }: { path: string }) {
  const may = useMay();
  const noun = useNoun();
  return (
    <nav aria-label="Pages" className="nav">
      {NAVIGATION.map((group) => {
        const items = group.items.filter((item) => !item.needs || may(item.needs));
        if (!items.length) return null;
        return (
          <div key={group.label} className="nav-group">
            {group.label && <h2 className="nav-label">{group.label}</h2>}
            <ul>
              {items.map((item) => (
                <NavLink key={item.to} item={item.isPeople ? { ...item, label: noun.Many } : item} path={path} />
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function NavLink({ item, path }: { item: NavItem; path: string }) {
  const isHere = item.to === "/" ? path === "/" : path === item.to || path.startsWith(`${item.to}/`);
  useShortcut(`g ${item.key}`, item.label, "Go to", () => navigate(item.to));
  return (
    <li>
      <Link to={item.to} className="nav-link" aria-current={isHere ? "page" : undefined}>
        <Icon name={item.icon} size={18} />
        <span className="grow">{item.label}</span>
        <span className="nav-key" aria-hidden="true">
          <Keys keys={`g ${item.key}`} />
        </span>
      </Link>
    </li>
  );
}

function Who() {
  const session = useSession();
  const { isLive } = useCounters();
  const { chosen, shown } = useTheme();
  const help = useKeyHelp();
  const queries = useQueryClient();
  const theme = (value: Chosen, label: string) => ({ label, checked: chosen === value, onSelect: () => chooseTheme(value) });
  useShortcut("shift+d", "Light or dark", "Everywhere", () => chooseTheme(shown === "dark" ? "light" : "dark"));
  const signOut = async () => {
    await askLoosely("DELETE /api/v1/session").catch(() => undefined);
    queries.clear();
    window.location.assign("/sign-in");
  };
  return (
    <div className="who">
      <Menu
        align="start"
        items={[theme("system", "As the system"), theme("light", "Light"), theme("dark", "Dark"), null, { label: "Keys", icon: "keyboard", hint: "?", onSelect: help }, { label: "Sign out", icon: "out", onSelect: () => void signOut() }]}
      >
        <button type="button" className="who-button">
          <span className="who-mark" aria-hidden="true">
            {(session.name || session.role).slice(0, 1).toUpperCase()}
          </span>
          <span className="grow">
            <strong>{session.name || "You"}</strong>
            <span className="quiet tiny">{ROLES[session.role] ?? session.role}</span>
          </span>
          <Icon name="more" />
        </button>
      </Menu>
      {isLive && <Live />}
    </div>
  );
}
