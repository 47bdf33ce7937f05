/** Pictures that say below themselves what their figures are based on. */

import type { Paint } from "./paint";

const ROOM = 26;
const LETTERS = 12;

/** The canvas with a line of text below it; drawn `ratio` times as large as it is shown. */
export function notedCanvas(drawn: HTMLCanvasElement, note: string, paint: Paint, ratio: number): HTMLCanvasElement {
  const made = document.createElement("canvas");
  made.width = drawn.width;
  made.height = drawn.height + ROOM * ratio;
  const pen = made.getContext("2d");
  if (!pen) return drawn;
  pen.fillStyle = paint.surface;
  pen.fillRect(0, 0, made.width, made.height);
  pen.drawImage(drawn, 0, 0);
  pen.fillStyle = paint.ink;
  pen.font = `${LETTERS * ratio}px ${paint.font}`;
  pen.fillText(note, 8 * ratio, drawn.height + 16 * ratio);
  return made;
}

/** The same of a drawing in SVG. */
export function notedSvg(drawn: string, note: string, paint: Paint, width: number, height: number): string {
  const text = new XMLSerializer().serializeToString(document.createTextNode(note));
  const attribute = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "'").replaceAll("<", "&lt;");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + ROOM}" viewBox="0 0 ${width} ${height + ROOM}">` +
    `<rect width="100%" height="100%" fill="${attribute(paint.surface)}"/>${drawn}` +
    `<text x="8" y="${height + 16}" font-size="${LETTERS}" font-family="${attribute(paint.font)}" fill="${attribute(paint.ink)}">${text}</text></svg>`
  );
}
