import { useMemo } from "react";
import { useAsk } from "../../api/client";
import { useFirstLook } from "../../api/firstLook";
import { Link } from "../../app/router";
import { useNoun } from "../../app/session";
import { AsOf, Based, bars, ButtonLink, Chart, Figure, Panel, Problem, Skeleton, useFormat } from "../../parts";

/** Consents, requests and the audit log in a few figures. */
export function PrivacyGlance() {
  const f = useFormat();
  const noun = useNoun();
  const consents = useFirstLook("GET /api/v1/privacy/consents", {});
  const requests = useAsk("GET /api/v1/privacy/requests");
  const audit = useAsk("GET /api/v1/privacy/audit", { query: { limit: 8, verify: true } });
  const open = requests.data?.requests.filter((each) => each.done_at === null) ?? [];
  const due = open.map((each) => each.due_at).sort()[0];
  const drawn = useMemo(
    () =>
      bars({
        labels: (consents.data?.purposes ?? []).map((each) => each.label || each.purpose),
        axis: "Purpose",
        series: [
          { name: "Allowed", values: (consents.data?.purposes ?? []).map((each) => each.allowed) },
          { name: "Refused", values: (consents.data?.purposes ?? []).map((each) => each.refused), color: (paint) => paint.against },
        ],
        format: (value) => f.number(value),
        horizontal: true,
      }),
    [consents.data, f],
  );
  return (
    <>
      <div>
        {consents.error ? (
          <Problem error={consents.error} />
        ) : !consents.data ? (
          <Skeleton height={110} />
        ) : (
          <section className="figures-row" aria-label="Privacy in figures">
            <Figure label={`${noun.Many} known`} value={f.number(consents.data.customers)} words={`${f.number(consents.data.restricted)} restricted`} to="/privacy?tab=consents" />
            <Figure label="Requests open" value={f.number(open.length)} words={due ? `next due ${f.date(due)}` : "none is due"} to="/privacy?tab=requests" definition="Access and erasure that somebody asked for and that is not done yet." />
            <Figure label="Purposes" value={f.number(consents.data.purposes.length)} words="with a legal basis each" to="/privacy?tab=consents" />
            <Figure label="Audit log" value={audit.data?.check ? (audit.data.check.broken_at === null ? "Holds" : "Broken") : "–"} words={audit.data?.check ? `${f.number(audit.data.check.entries)} entries, one chain` : "not looked at"} to="/privacy?tab=audit" definition="Every entry is sealed with the one before: a changed byte is found." />
          </section>
        )}
      </div>
      <div className="columns">
      <Panel title="What people allow" of={consents} foot={<AsOf at={consents.data?.as_of} exact={!consents.data?.is_estimate} />}>
        <Based on={consents.basis}>
          <Chart title="Consents by purpose" of={drawn} height={Math.max(180, (consents.data?.purposes.length ?? 3) * 52)} />
        </Based>
      </Panel>
      <Panel
        title="Who looked at what"
        of={audit}
        foot={
          <ButtonLink small kind="quiet" to="/privacy?tab=audit">
            The whole log
          </ButtonLink>
        }
      >
        <ul className="oddities">
          {audit.data?.entries.map((each, place) => (
            <li key={each.at + place}>
              <div className="row apart">
                <span>
                  <strong>{each.action}</strong> {each.about} {each.subject && <Link to={`/customers/${encodeURIComponent(each.subject)}`}>{each.subject}</Link>}
                </span>
                <span className="quiet tiny">{f.time(each.at)}</span>
              </div>
              <div className="quiet small">
                {each.actor}
                {each.purpose && ` for ${each.purpose.replaceAll("_", " ")}`}
              </div>
            </li>
          ))}
        </ul>
      </Panel>
      </div>
    </>
  );
}
