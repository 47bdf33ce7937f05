/** Records as circles, and what joins them as lines; the tables below say the same. */

import type { Answer } from "../../api/client";

type Person = Answer<"GET /api/v1/customers/{id}/identity">;

const WIDTH = 640;
const FEW = 3;
const MOST = 24;

export function Graph({ person }: { person: Person }) {
  const own = new Set(person.records.map((each) => each.record));
  const others = [...new Set(person.links.flatMap((each) => [each.left, each.right]))].filter((each) => !own.has(each));
  const names = [...own, ...others].slice(0, MOST);
  const height = names.length <= FEW ? 150 : 300;
  const place = new Map(names.map((name, at) => [name, around(at, names.length, height)]));
  const links = person.links.filter((each) => place.has(each.left) && place.has(each.right));
  const words = `${own.size} records; ${links.length} links`;
  return (
    <svg className="identity-graph" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`${words}. The tables below say the same.`}>
      {links.map((each) => {
        const [x1, y1] = place.get(each.left) ?? [0, 0];
        const [x2, y2] = place.get(each.right) ?? [0, 0];
        const dashed = each.state === "review" || each.state === "never";
        return (
          <g key={`${each.left} ${each.right} ${each.rule}`}>
            <line x1={x1} y1={y1} x2={x2} y2={y2} className={`edge ${each.state}`} strokeDasharray={dashed ? "5 4" : undefined} />
            <text x={(x1 + x2) / 2} y={(y1 + y2) / 2 - 6} textAnchor="middle" className="edge-label">
              {each.rule === "matched" ? `likeness ${Math.round((each.probability ?? 0) * 100)} %` : each.rule.replaceAll("_", " ")}
              {each.state === "never" ? ": never" : each.state === "review" ? ": to review" : ""}
            </text>
          </g>
        );
      })}
      {names.map((name) => {
        const [x, y] = place.get(name) ?? [0, 0];
        const record = person.records.find((each) => each.record === name);
        const isBelow = y >= height / 2 - 1;
        return (
          <g key={name}>
            <circle cx={x} cy={y} r={name === person.customer ? 16 : 12} className={own.has(name) ? (name === person.customer ? "node chief" : "node") : "node foreign"} />
            <text x={x} y={isBelow ? y + 34 : y - 30} textAnchor="middle" className="node-label">
              {name.slice(0, 8)}…
            </text>
            <text x={x} y={isBelow ? y + 49 : y - 45} textAnchor="middle" className="edge-label">
              {record ? record.sources.slice(0, 3).join(", ") : "somebody else"}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** A place on an ellipse; the first is on the left. */
function around(at: number, of: number, height: number): [number, number] {
  if (of === 1) return [WIDTH / 2, height / 2 - 20];
  const angle = Math.PI + (2 * Math.PI * at) / of;
  return [WIDTH / 2 + Math.cos(angle) * (WIDTH / 2 - 110), height / 2 - (of <= FEW ? 20 : 0) + Math.sin(angle) * (height / 2 - 66)];
}
