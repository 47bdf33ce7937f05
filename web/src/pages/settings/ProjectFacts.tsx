import { useAsk } from "../../api/client";
import { Badge, Panel, useFormat } from "../../parts";
import { Facts } from "./Facts";

/** A length of time as people write it: 1 hour, 2 days, 15 minutes. */
function length(seconds: number): string {
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]] as const) {
    const count = seconds / size;
    if (Number.isInteger(count)) return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
  }
  return `${seconds} seconds`;
}

/** What `habitue.yaml` says. */
export function ProjectFacts() {
  const format = useFormat();
  const found = useAsk("GET /api/v1/settings/project");
  const said = found.data;
  const every = (seconds: number | null) => (seconds === null ? "never" : `every ${length(seconds).replace(/^1 /, "")}`);
  return (
    <div className="columns">
      <Panel title="Project" words="From habitue.yaml; edit the file, it is read again at once." of={found}>
        {said && (
          <Facts
            of={[
              ["Name", said.name],
              ["Whom it is about", said.noun],
              ["Currency", said.currency === "XXX" ? "none" : said.currency],
              ["Time zone", said.time_zone],
              ["Answers are about", said.as_of === "newest_event" ? "the newest event" : said.as_of === "now" ? "now" : format.time(said.as_of)],
              ["A visit ends after", `${length(said.visit_gap_seconds)} without an event`],
            ]}
          />
        )}
      </Panel>
      <Panel title="Server" of={found}>
        {said && (
          <Facts
            of={[
              ["Version", said.version],
              ["Builds", every(said.build_seconds)],
              ["Removes what is too old", every(said.retention_seconds)],
              ["People reach it at", said.address ?? "this machine only"],
              ["Who vouches for people", said.provider ?? "accounts of this project"],
              [
                "Live sources",
                said.live_sources.length ? (
                  <span className="row" key="s">
                    {said.live_sources.map((each) => (
                      <Badge key={each}>{each}</Badge>
                    ))}
                  </span>
                ) : (
                  "none"
                ),
              ],
            ]}
          />
        )}
      </Panel>
    </div>
  );
}
