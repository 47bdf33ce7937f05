import type { SeenTile } from "../../api/types.gen";
import { Button, Field, IconButton, Select } from "../../parts";

/** A tile as it is to stand. */
export interface Place {
  tile: string;
  width: number;
  height: number;
}

/** The tiles in the order and size that are wished. */
export function movedTiles(tiles: readonly SeenTile[], places: readonly Place[]): SeenTile[] {
  return places.flatMap((place) => {
    const found = tiles.find((each) => each.tile === place.tile);
    return found ? [{ ...found, width: place.width, height: place.height }] : [];
  });
}

interface LayoutBarProps {
  columns: number;
  onColumns: (columns: number) => void;
  isBusy: boolean;
  onSave: () => void;
  onCancel: () => void;
  /** Tiles that were taken out. */
  gone: readonly SeenTile[];
  onBack: (tile: string) => void;
}

/** Says what laying out does, and ends it. */
export function LayoutBar({ columns, onColumns, isBusy, onSave, onCancel, gone, onBack }: LayoutBarProps) {
  return (
    <div className="dashboards-limit">
      <span className="grow">Move, widen and take out tiles; the file under dashboards/ keeps its comments.</span>
      {gone.map((each) => (
        <Button key={each.tile} small icon="plus" onClick={() => onBack(each.tile)}>
          {each.label || each.tile}
        </Button>
      ))}
      <Field label="Columns" bare>
        {(c) => <Select {...c} value={String(columns)} of={[1, 2, 3, 4, 5, 6].map((each) => ({ value: String(each), label: `${each} columns` }))} onChange={(next) => onColumns(Number(next))} />}
      </Field>
      <Button onClick={onCancel}>Cancel</Button>
      <Button kind="primary" icon="check" busy={isBusy} onClick={onSave}>
        Save layout
      </Button>
    </div>
  );
}

interface TileToolsProps {
  tile: SeenTile;
  places: readonly Place[];
  columns: number;
  onChange: (places: Place[]) => void;
}

const HIGHEST = 4;

/** The buttons of one tile while it is laid out; each is reached with the keyboard too. */
export function TileTools({ tile, places, columns, onChange }: TileToolsProps) {
  const at = places.findIndex((each) => each.tile === tile.tile);
  const here = places[at];
  if (!here) return null;
  const name = tile.label || tile.tile;
  const move = (by: number) => {
    const next = [...places];
    next.splice(at + by, 0, ...next.splice(at, 1));
    onChange(next);
  };
  const size = (changes: Partial<Place>) => onChange(places.map((each) => (each.tile === tile.tile ? { ...each, ...changes } : each)));
  return (
    <div className="dashboards-tools" role="group" aria-label={`Lay out ${name}`}>
      <IconButton small icon="left" label={`Move ${name} forward`} disabled={at === 0} onClick={() => move(-1)} />
      <IconButton small icon="right" label={`Move ${name} back`} disabled={at === places.length - 1} onClick={() => move(1)} />
      <IconButton small icon="minus" label={`Make ${name} narrower`} disabled={here.width <= 1} onClick={() => size({ width: here.width - 1 })} />
      <IconButton small icon="plus" label={`Make ${name} wider`} disabled={here.width >= columns} onClick={() => size({ width: here.width + 1 })} />
      <IconButton small icon="up" label={`Make ${name} lower`} disabled={here.height <= 1} onClick={() => size({ height: here.height - 1 })} />
      <IconButton small icon="down" label={`Make ${name} higher`} disabled={here.height >= HIGHEST} onClick={() => size({ height: here.height + 1 })} />
      <IconButton small icon="close" label={`Take ${name} out`} disabled={places.length === 1} onClick={() => onChange(places.filter((each) => each.tile !== tile.tile))} />
    </div>
  );
}
