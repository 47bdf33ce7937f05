import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, useAsk, type ProblemError } from "../../api/client";
import type { ChannelEntry, ChannelTested } from "../../api/types.gen";
import { Link, useUrlState } from "../../app/router";
import { useMay } from "../../app/session";
import { Badge, Button, Empty, Panel, Problem, useFormat, useSay } from "../../parts";
import { Confirm, Secret } from "./Asked";
import { Deliveries } from "./Deliveries";
import { Facts } from "./Facts";

const TONES: Readonly<Record<string, "good" | "bad" | "warn" | "plain">> = { on: "good", new: "plain", off: "bad", no_secret: "warn" };
const WORDS: Readonly<Record<string, string>> = { on: "on", new: "not served yet", off: "off", no_secret: "has no secret" };

/** Who is told when people enter and leave segments, and what became of it. */
export function Channels() {
  const found = useAsk("GET /api/v1/channels", undefined, { refetchInterval: 10_000 });
  const [state, set] = useUrlState({ channel: "", state: "" });
  const channels = found.data ?? [];
  return (
    <div className="stack">
      {found.data && channels.length === 0 ? (
        <Panel title="Webhooks">
          <Empty icon="share" title="Nothing leaves this project" command={"# channels/crm.yaml\nchannel: crm\nwebhook: https://crm.example.com/hooks/habitue\nsegments: all"}>
            A file under channels/ names a receiver that is told when people enter and leave segments.
          </Empty>
        </Panel>
      ) : (
        <div className="columns">
          {found.data ? channels.map((each) => <Channel key={each.channel} channel={each} onDeliveries={() => set({ channel: each.channel })} />) : <Panel title="Webhooks" of={found} />}
        </div>
      )}
      {channels.length > 0 && <Deliveries channels={channels.map((each) => each.channel)} channel={state.channel} state={state.state} onChange={set} />}
    </div>
  );
}

function Channel({ channel, onDeliveries }: { channel: ChannelEntry; onDeliveries: () => void }) {
  const format = useFormat();
  const may = useMay();
  const say = useSay();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const path = { name: channel.channel };
  const again = () => queries.invalidateQueries({ queryKey: ["GET /api/v1/channels"] });
  const trial = useMutation<ChannelTested, ProblemError>({ mutationFn: () => ask("POST /api/v1/channels/{name}/test", { path }) });
  const enabling = useMutation<unknown, ProblemError>({
    mutationFn: () => ask("POST /api/v1/channels/{name}/enable", { path }),
    onSuccess: () => {
      say(`${channel.channel} is on again`);
      return again();
    },
  });
  const renew = async () => {
    const rotate = channel.state !== "no_secret";
    const made = await ask("POST /api/v1/channels/{name}/secret", { path, query: { rotate } });
    setSecret(made.secret);
    await again();
  };
  const problem = trial.error ?? enabling.error;
  return (
    <Panel
      title={channel.label || channel.channel}
      words={<code>{channel.channel}</code>}
      actions={<Badge tone={TONES[channel.state] ?? "plain"}>{channel.why ? `${WORDS[channel.state] ?? channel.state}: ${channel.why}` : (WORDS[channel.state] ?? channel.state)}</Badge>}
    >
      <div className="settings-channel">
        <Facts
          of={[
            ["Sends to", channel.host],
            ["Is told about", typeof channel.segments === "string" ? "all segments" : <SegmentLinks key="s" names={channel.segments} />],
            ["Knows people by", channel.identifier === "user_id" ? "your own user id" : "their random id"],
            ["Purpose", channel.purpose || "none: random ids alone"],
            ["Taken", `${format.number(channel.accepted)}${channel.accepted_at ? `, last ${format.ago(channel.accepted_at)}` : ""}`],
            ["Waiting", `${format.number(channel.waiting)}${channel.behind ? `, and ${format.number(channel.behind)} changes not taken up yet` : ""}`],
            ["Given up", format.number(channel.given_up)],
          ]}
        />
        <div className="row">
          {may("edit_definitions") && (
            <Button small icon="play" busy={trial.isPending} onClick={() => trial.mutate()}>
              Test
            </Button>
          )}
          {may("edit_definitions") && channel.state === "off" && (
            <Button small kind="primary" icon="refresh" busy={enabling.isPending} onClick={() => enabling.mutate()}>
              Put on again
            </Button>
          )}
          {may("manage_users") && (
            <Button small icon="key" onClick={() => setAsking(true)}>
              {channel.state === "no_secret" ? "Make a secret" : "New secret"}
            </Button>
          )}
          <Button small kind="quiet" onClick={onDeliveries}>
            Its deliveries
          </Button>
        </div>
        {problem && <Problem small error={problem} />}
        {trial.data && <Tested tested={trial.data} />}
      </div>
      {isAsking && (
        <Confirm
          title={`A ${channel.state === "no_secret" ? "" : "new "}secret for ${channel.channel}?`}
          words={channel.state === "no_secret" ? "The receiver verifies with it that messages are yours." : "Both secrets sign for a day, so that the receiver has time to change over."}
          does="Make it"
          onClose={() => setAsking(false)}
          onYes={renew}
        />
      )}
      {secret && <Secret title="The secret" words="It is shown this once: give it to the receiver." secret={secret} onClose={() => setSecret(null)} />}
    </Panel>
  );
}

function SegmentLinks({ names }: { names: readonly string[] }) {
  return (
    <span className="row">
      {names.map((name) => (
        <Link key={name} to={`/segments/${name}`}>
          {name}
        </Link>
      ))}
    </span>
  );
}

function Tested({ tested }: { tested: ChannelTested }) {
  return (
    <p className="small" role="status">
      <Badge tone={tested.accepted ? "good" : "bad"}>{tested.accepted ? "taken" : "not taken"}</Badge> {tested.host}: {tested.why}
      {tested.status === null ? "" : `, status ${tested.status}`}, after {tested.took_ms} ms. The message was about nobody.
    </p>
  );
}
