/** A label as a name that files can have. */
export function named(label: string): string {
  const name = label
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return (/^[0-9]/.test(name) ? `s_${name}` : name).slice(0, 100);
}
