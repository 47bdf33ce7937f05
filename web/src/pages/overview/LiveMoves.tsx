import { useState } from "react";
import { useChanges, useCounters, type Moved } from "../../api/changes";
import { useAsk } from "../../api/client";
import { Link } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { customerAddress, Empty, Icon, Live, Panel, useFormat } from "../../parts";

const MOST = 9;

/** Who enters and leaves segments while you look; for roles that see people. */
export function LiveMoves() {
  const f = useFormat();
  const noun = useNoun();
  const { isLive } = useCounters();
  const [moves, setMoves] = useState<readonly Moved[]>([]);
  const segments = useAsk("GET /api/v1/segments", {}, { staleTime: 60_000 });
  const labels = new Map(segments.data?.map((each) => [each.name, each.label || each.name]));
  useChanges((moved) => setMoves((before) => [moved, ...before].slice(0, MOST)));
  if (!useMay()("see_people")) return null;
  return (
    <Panel title="As it happens" words={`${noun.Many} who enter and leave segments.`} actions={isLive && <Live />}>
      {moves.length === 0 ? (
        <Empty icon="live" title={isLive ? "Nobody moved since you look" : "Nothing is read live at present"}>
          {isLive ? "Whoever enters or leaves a segment shows here at once." : "A running `habitue serve` tells here who enters and leaves."}
        </Empty>
      ) : (
        <ul className="moves">
          {moves.map((moved) => (
            <li key={moved.sequence}>
              <span className={moved.entered ? "good" : "quiet"}>
                <Icon name={moved.entered ? "right" : "left"} size={14} />
              </span>
              <span className="grow">
                <Link to={customerAddress(moved.customer)} className="mono">
                  {moved.customer}
                </Link>{" "}
                {moved.entered ? "entered" : "left"} <Link to={`/segments/${encodeURIComponent(moved.segment)}`}>{labels.get(moved.segment) ?? moved.segment}</Link>
              </span>
              <time className="quiet tiny figures" dateTime={moved.noticed_at}>
                {f.clock(moved.noticed_at)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
