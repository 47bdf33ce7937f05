import { useRef, type DragEvent } from "react";
import { useFirstLook } from "../../api/firstLook";
import type { SeenDashboard, SeenTile } from "../../api/types.gen";
import { Based, Problem, Skeleton } from "../../parts";
import { TileTools, type Place } from "./layout";
import { Shown } from "./Tile";

interface GridProps {
  board: SeenDashboard;
  asked: { since?: string; until?: string; of?: string };
  editing: { places: Place[]; columns: number; onChange: (places: Place[]) => void } | null;
}

/** The height of one row, in pixels. */
const ROW = 132;
const GAP = 16;
/** The kinds of tiles that look at what everybody did in turn. */
const ESTIMATED = ["funnel", "cohorts"];

/** The tiles in columns; each asks for its own figures, so that the first show soon. */
export function Grid({ board, asked, editing }: GridProps) {
  const dragged = useRef<string | null>(null);
  const drop = (event: DragEvent, onto: string) => {
    event.preventDefault();
    const from = dragged.current;
    if (!editing || !from || from === onto) return;
    const next = editing.places.filter((each) => each.tile !== from);
    const moved = editing.places.find((each) => each.tile === from);
    if (moved) next.splice(next.findIndex((each) => each.tile === onto) + (order(editing.places, from) < order(editing.places, onto) ? 1 : 0), 0, moved);
    editing.onChange(next);
  };
  return (
    <div className="dashboards-grid" data-columns={board.columns}>
      {board.tiles.map((tile) => (
        <article
          key={tile.tile}
          className={`panel dashboards-tile${editing ? " moving" : ""}`}
          data-width={Math.min(tile.width, board.columns)}
          style={{ gridRow: `span ${tile.height}`, minHeight: tile.height * ROW + (tile.height - 1) * GAP }}
          draggable={editing !== null}
          onDragStart={() => (dragged.current = tile.tile)}
          onDragOver={(event) => editing && event.preventDefault()}
          onDrop={(event) => drop(event, tile.tile)}
          aria-label={tile.label || tile.tile}
        >
          {editing && <TileTools tile={tile} places={editing.places} columns={editing.columns} onChange={editing.onChange} />}
          <Filled board={board.dashboard} tile={tile} asked={asked} height={tile.height * ROW + (tile.height - 1) * GAP} />
        </article>
      ))}
    </div>
  );
}

const order = (places: readonly Place[], tile: string) => places.findIndex((each) => each.tile === tile);

function Filled({ board, tile, asked, height }: { board: string; tile: SeenTile; asked: GridProps["asked"]; height: number }) {
  const found = useFirstLook("GET /api/v1/dashboards/{name}", { path: { name: board }, query: { ...asked, tile: tile.tile } }, { staleTime: 60_000, enabled: tile.kind !== "text", isQuick: !ESTIMATED.includes(tile.kind) });
  const filled = found.data?.tiles[0];
  if (tile.kind === "text") return <Shown tile={tile} asked={asked} height={height} />;
  if (found.error) return <Problem small error={found.error} onAgain={() => void found.refetch()} />;
  if (!filled) return <Skeleton height={Math.max(60, height - 56)} />;
  return (
    <Based on={found.basis}>
      <Shown tile={filled} asked={asked} height={height} />
    </Based>
  );
}
