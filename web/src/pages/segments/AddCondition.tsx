import { Combobox } from "../../parts";
import type { Entry } from "./palette";
import type { Tree } from "./tree";

/** One field to add anything: type what people did, who they are, or a word of the language. */
export function AddCondition({ entries, onAdd, label, words, small, wanted }: { entries: readonly Entry[]; onAdd: (part: Tree) => void; label: string; words: string; small?: boolean; wanted?: boolean }) {
  return (
    <span className={small ? "rule-add small" : "rule-add"}>
      <Combobox
        label={label}
        value=""
        options={entries}
        placeholder={words}
        inline={small ?? false}
        invalid={wanted ?? false}
        onChange={(value) => {
          const entry = entries.find((each) => each.value === value);
          if (entry) onAdd(entry.make());
        }}
      />
    </span>
  );
}
