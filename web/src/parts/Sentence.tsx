/** A rule in words; names between quotes or backticks, and numbers, stand out. */
export function Sentence({ text, large }: { text: string; large?: boolean }) {
  const parts = text.split(/("[^"]*"|'[^']*'|`[^`]*`|\b\d[\d.,]*\b)/);
  return (
    <p className={large ? "sentence large" : "sentence"}>
      {parts.map((part, place) => (place % 2 ? <strong key={place}>{part.replace(/^[`]|[`]$/g, "")}</strong> : part))}
    </p>
  );
}
