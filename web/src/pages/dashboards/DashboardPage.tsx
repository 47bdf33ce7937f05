import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { address, ask, useAsk, type ProblemError } from "../../api/client";
import type { SeenDashboard } from "../../api/types.gen";
import { useParams } from "../../app/router";
import { useMay } from "../../app/session";
import { AsOf, Button, ButtonLink, Chips, Empty, Menu, Page, Problem, Sentence, Skeleton, useSay } from "../../parts";
import { AboutBar, useAbout, type About } from "../measures/asked";
import { Grid } from "./Grid";
import { LayoutBar, movedTiles, type Place } from "./layout";
import "../measures/measures.css";
import "./dashboards.css";

/** One dashboard: its tiles, limited by a click on any mark, laid out by whoever may. */
export default function DashboardPage() {
  const { name = "" } = useParams();
  return <Dashboard key={name} name={name} />;
}

function Dashboard({ name }: { name: string }) {
  const [about, setAbout] = useAbout(0);
  const asked = { ...(about.since ? { since: about.since } : {}), ...(about.until ? { until: about.until } : {}), ...(about.of ? { of: about.of } : {}) };
  const found = useAsk("GET /api/v1/dashboards/{name}", { path: { name }, query: { ...asked, bare: true } }, { placeholderData: keepPreviousData });
  const [places, setPlaces] = useState<Place[] | null>(null);
  const [columns, setColumns] = useState(4);
  const may = useMay();
  const board = found.data;
  const edit = () => {
    if (!board) return;
    setColumns(board.columns);
    setPlaces(board.tiles.map((each) => ({ tile: each.tile, width: each.width, height: each.height })));
  };
  return (
    <Page
      title={board?.label ?? name}
      words={board?.description}
      from={[{ to: "/dashboards", label: "Dashboards" }]}
      actions={
        board &&
        !places && (
          <>
            {may("edit_definitions") && (
              <Button icon="edit" onClick={edit}>
                Lay out
              </Button>
            )}
            <Menu
              items={[
                { label: "Printable report", icon: "out", onSelect: () => void window.open(address("GET /api/v1/dashboards/{name}/report", { path: { name }, query: asked }), "_blank", "noopener") },
                { label: "Print as it is", icon: "download", onSelect: () => window.print() },
              ]}
            >
              <Button icon="more" aria-label="More">
                More
              </Button>
            </Menu>
          </>
        )
      }
    >
      {found.error && <Problem error={found.error} onAgain={() => void found.refetch()} />}
      {!places && <AboutBarOf about={about} onChange={setAbout} />}
      <Limits about={about} board={board} onChange={setAbout} />
      {found.isPending && <Skeleton height={400} />}
      {board && places && <Editor board={board} places={places} columns={columns} onPlaces={setPlaces} onColumns={setColumns} />}
      {board && (
        <Grid
          board={places ? { ...board, columns, tiles: movedTiles(board.tiles, places) } : board}
          asked={asked}
          editing={places ? { places, columns, onChange: setPlaces } : null}
        />
      )}
      {board && board.tiles.length === 0 && <Empty title="This dashboard has no tiles" icon="dashboard" />}
      {board && (
        <p className="dashboards-foot">
          <AsOf at={board.as_of} exact={null} note={<span className="quiet tiny">{board.owner && `answered for by ${board.owner} · `}{board.declared ? `declared in dashboards/` : "made of what the project has"}</span>} />
        </p>
      )}
    </Page>
  );
}

function AboutBarOf({ about, onChange }: { about: About; onChange: (changes: Partial<About>) => void }) {
  const isOwn = Boolean(about.since || about.until);
  return (
    <div className="row dashboards-about">
      {isOwn ? (
        <>
          <AboutBar about={about} onChange={onChange} />
          <Button small kind="quiet" icon="undo" onClick={() => onChange({ since: "", until: "", days: 0 })}>
            Each tile's own time
          </Button>
        </>
      ) : (
        <>
          <span className="quiet small">Each tile shows its own time.</span>
          <Button small kind="quiet" icon="calendar" onClick={() => onChange({ since: new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10) })}>
            Choose one for all
          </Button>
        </>
      )}
    </div>
  );
}

/** What the dashboard is limited to: in words, and taken away again. */
function Limits({ about, board, onChange }: { about: About; board: SeenDashboard | undefined; onChange: (changes: Partial<About>) => void }) {
  if (!about.of) return null;
  return (
    <div className="dashboards-limit" role="status">
      <div className="grow">
        <Chips chips={[{ key: "of", label: "Only", value: "these people", onRemove: () => onChange({ of: "" }) }]} />
        {board?.of === about.of && <Sentence text={board.of_words} />}
      </div>
      <Button small icon="undo" onClick={() => window.history.back()}>
        Undo
      </Button>
      <ButtonLink small to={`/segments/new?rule=${encodeURIComponent(about.of)}`} icon="segments">
        Save as segment
      </ButtonLink>
    </div>
  );
}

interface EditorProps {
  board: SeenDashboard;
  places: Place[];
  columns: number;
  onPlaces: (places: Place[] | null) => void;
  onColumns: (columns: number) => void;
}

function Editor({ board, places, columns, onPlaces, onColumns }: EditorProps) {
  const queries = useQueryClient();
  const say = useSay();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const done = await ask("PUT /api/v1/dashboards/{name}/layout", { path: { name: board.dashboard }, body: { columns, tiles: places.map((each) => ({ ...each, width: Math.min(each.width, columns) })) } });
      // The new order is there before the old one could show again.
      await queries.invalidateQueries({ queryKey: ["GET /api/v1/dashboards/{name}"] });
      onPlaces(null);
      say(`Written to ${done.file}`);
    } catch (error) {
      say((error as ProblemError).message, "bad");
    } finally {
      setBusy(false);
    }
  };
  return <LayoutBar columns={columns} onColumns={onColumns} isBusy={isBusy} onSave={() => void save()} onCancel={() => onPlaces(null)} gone={board.tiles.filter((each) => !places.some((place) => place.tile === each.tile))} onBack={(tile) => onPlaces([...places, { tile, width: 1, height: 1 }])} />;
}
