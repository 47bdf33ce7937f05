import { Icon } from "./Icon";

export interface Chip {
  key: string;
  /** What it is about, as "Channel". */
  label: string;
  value: string;
  onRemove?: () => void;
}

/** The filters that hold here, each of which can be taken away. */
export function Chips({ chips, onClear, label = "Filters" }: { chips: readonly Chip[]; onClear?: () => void; label?: string }) {
  if (!chips.length) return null;
  return (
    <ul className="chips" aria-label={label}>
      {chips.map((chip) => (
        <li key={chip.key} className="chip">
          <span className="quiet">{chip.label}</span>
          <span>{chip.value}</span>
          {chip.onRemove && (
            <button type="button" onClick={chip.onRemove} aria-label={`Remove ${chip.label} ${chip.value}`}>
              <Icon name="close" size={12} />
            </button>
          )}
        </li>
      ))}
      {onClear && chips.length > 1 && (
        <li>
          <button type="button" className="link-button" onClick={onClear}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}
