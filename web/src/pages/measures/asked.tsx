/** What every measure page is limited to, in the address: how long a time, and whom. */

import { useQuery } from "@tanstack/react-query";
import { ask, useAsk, type ProblemError } from "../../api/client";
import type { Vocabulary, VocabularyEvent } from "../../api/types.gen";
import { useUrlState } from "../../app/router";
import { useNoun } from "../../app/session";
import { Chips, Choice, Field, Input, Select, type ComboOption } from "../../parts";

export interface About {
  days: number;
  since: string;
  until: string;
  /** A rule: only people for whom it holds. */
  of: string;
}

export const USUAL_ABOUT = { days: 90, since: "", until: "", of: "" };
type Change = (changes: Partial<About>) => void;

/** The time and the people, as they stand in the address. */
export function useAbout(days = USUAL_ABOUT.days): [About, Change] {
  return useUrlState({ ...USUAL_ABOUT, days });
}

/** The same as parameters of a request. */
export function aboutQuery({ days, since, until, of }: About): { days?: number; since?: string; until?: string; of?: string } {
  return {
    ...(since || until ? { ...(since ? { since } : {}), ...(until ? { until } : {}), ...(!since && days ? { days } : {}) } : days ? { days } : {}),
    ...(of ? { of } : {}),
  };
}

/** The same in words, as filters that a list of people shows. */
export function aboutWords({ days, since, until, of }: About): Record<string, string> {
  return {
    ...(since || until ? { Time: `${since || "the beginning"} to ${until || "now"}` } : days ? { Time: `last ${days} days` } : {}),
    ...(of ? { Only: of } : {}),
  };
}

const LENGTHS = [7, 30, 90, 365];

/** Chooses the time, and shows whom the page is limited to. */
export function AboutBar({ about, onChange, allTime }: { about: About; onChange: Change; allTime?: boolean }) {
  const isOwn = Boolean(about.since || about.until);
  const known = LENGTHS.includes(about.days) || about.days === 0;
  const value = isOwn ? "own" : String(known ? about.days : "own");
  const of = [...LENGTHS.map((each) => ({ value: String(each), label: each === 365 ? "1 year" : `${each} days` })), ...(allTime ? [{ value: "0", label: "All" }] : []), { value: "own", label: "From – to" }];
  const choose = (next: string) => {
    if (next === "own") onChange({ since: about.since || monthAgo(), until: about.until });
    else onChange({ days: Number(next), since: "", until: "" });
  };
  return (
    <div className="row measures-about">
      <Choice label="Time" value={value} of={of} onChange={choose} />
      {isOwn && (
        <>
          <Field label="From" bare>
            {(c) => <Input {...c} type="date" value={about.since} max={about.until || undefined} onChange={(since) => onChange({ since })} />}
          </Field>
          <span aria-hidden="true">–</span>
          <Field label="Up to, without" bare>
            {(c) => <Input {...c} type="date" value={about.until} min={about.since || undefined} onChange={(until) => onChange({ until })} />}
          </Field>
        </>
      )}
      <SegmentFilter about={about} onChange={onChange} />
    </div>
  );
}

function monthAgo(): string {
  return new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
}

/** Limits a page to a segment; any other rule that it is limited to shows as a chip. */
function SegmentFilter({ about, onChange }: { about: About; onChange: Change }) {
  const noun = useNoun();
  const names = useVocabulary().data?.segments ?? [];
  const chosen = about.of.replace(/^segment\./, "");
  const isSegment = !about.of || (about.of.startsWith("segment.") && names.some((each) => each.name === chosen));
  const options = [{ value: "", label: `All ${noun.many}` }, ...names.map((each) => ({ value: `segment.${each.name}`, label: each.label || each.name }))];
  if (!isSegment) return <Chips chips={[{ key: "of", label: "Only", value: about.of, onRemove: () => onChange({ of: "" }) }]} />;
  return (
    <Field label={`Which ${noun.many}`} bare>
      {(c) => <Select {...c} value={about.of} of={options} onChange={(of) => onChange({ of })} />}
    </Field>
  );
}

/** Everything that can be named: events with properties, traits, segments. */
export function useVocabulary() {
  return useQuery<Vocabulary, ProblemError>({
    queryKey: ["vocabulary"],
    queryFn: ({ signal }) => ask("GET /api/v1/vocabulary", {}, signal),
    staleTime: 300_000,
  });
}

/** The metrics of the project; asked for once a while. */
export function useMetrics() {
  return useAsk("GET /api/v1/metrics", {}, { staleTime: 300_000 });
}

/** The events as options, the most frequent first. */
export function eventOptions(vocabulary: Vocabulary | undefined): ComboOption[] {
  const events = [...(vocabulary?.events ?? [])].sort((one, other) => (other.times ?? 0) - (one.times ?? 0));
  return events.map((each) => ({ value: each.name, label: each.name, hint: each.times === null ? "" : each.times.toLocaleString("en-GB") }));
}

/** An event of a step: `EVENT` or `EVENT where CONDITION`. */
export function eventOf(vocabulary: Vocabulary | undefined, step: string): VocabularyEvent | undefined {
  return vocabulary?.events.find((each) => each.name === step || step.startsWith(`${each.name} where `));
}

const GROUPED = ["text", "boolean", "integer"];

/** What people can be parted by at an event. */
export function dimensionOptions(vocabulary: Vocabulary | undefined, step: string): ComboOption[] {
  if (!vocabulary) return [];
  const own = (eventOf(vocabulary, step)?.properties ?? []).filter((each) => GROUPED.includes(each.kind)).map((each) => ({ value: each.name, label: each.name, group: "Property" }));
  const traits = vocabulary.traits.filter((each) => GROUPED.includes(each.kind)).map((each) => ({ value: `trait.${bare(each.name)}`, label: `trait.${bare(each.name)}`, group: "Trait" }));
  const segments = vocabulary.segments.map((each) => ({ value: `segment.${bare(each.name)}`, label: `segment.${bare(each.name)}`, hint: each.label, group: "Segment" }));
  return [{ value: "", label: "Nothing" }, ...own, ...traits, ...segments];
}

/** A name without the word before it. */
export function bare(name: string): string {
  return name.replace(/^(trait|segment|feature)\./, "");
}
