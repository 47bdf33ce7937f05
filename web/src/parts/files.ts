/** Files that somebody takes home. */

/** One value of a CSV file; what a spreadsheet would reckon with is made text. */
function csvValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as CSV; a note on their figures stands in a column of its own. */
export function toCsv(head: readonly string[], rows: Iterable<readonly unknown[]>, note = ""): string {
  const noted = note ? [[...head, "note"], ...[...rows].map((row) => [...row, note])] : [head, ...rows];
  return noted.map((row) => row.map(csvValue).join(",")).join("\r\n") + "\r\n";
}

/** Hand over a file. */
export function download(name: string, content: Blob | string, type = "text/csv;charset=utf-8"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A name that every system takes for a file. */
export function fileName(title: string, kind: string): string {
  return `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "habitue"}.${kind}`;
}
