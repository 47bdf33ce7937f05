/** Something is on its way; `Skeleton` keeps its place. */
export function Loading({ label = "Loading" }: { label?: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" />
      <span>{label} …</span>
    </div>
  );
}

/** Where lines of text, or a block of a height, will be. */
export function Skeleton({ lines = 3, height }: { lines?: number; height?: number }) {
  if (height) return <div className="skeleton-block" style={{ height }} role="status" aria-label="Loading" />;
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, place) => (
        <span key={place} />
      ))}
    </div>
  );
}
