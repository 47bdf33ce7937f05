import { useFirstLook } from "../../api/firstLook";
import { Link } from "../../app/router";
import { AsOf, Badge, Based, ButtonLink, Empty, Panel, useFormat } from "../../parts";

const MOST = 5;

/** Days that were out of the ordinary, with what accounts for them. */
export function Anomalies({ isTurn }: { isTurn: boolean }) {
  const f = useFormat();
  const found = useFirstLook("GET /api/v1/anomalies", {}, { staleTime: 300_000, enabled: isTurn });
  const anomalies = found.data?.anomalies ?? [];
  return (
    <Panel
      title="Out of the ordinary"
      words="Days far from the same weekdays before."
      of={found}
      foot={
        <>
          <AsOf exact={null} note={found.data ? `${f.day(found.data.since)} to ${f.day(found.data.until)}, ${found.data.metrics.length} metrics` : null} />
          <span className="grow" />
          <ButtonLink small kind="quiet" to="/anomalies">
            All of them
          </ButtonLink>
        </>
      }
    >
      <Based on={found.basis}>
        {anomalies.length === 0 ? (
          <Empty icon="check" title={found.data?.is_estimate ? "Nothing stands out so far" : "Nothing stands out"} />
        ) : (
          <ul className="oddities">
            {anomalies.slice(0, MOST).map((each) => {
              const driver = each.drivers[0];
              const change = each.expected ? each.value / each.expected - 1 : null;
              return (
                <li key={`${each.metric} ${each.day} ${each.dimension} ${each.group}`}>
                  <div className="row apart">
                    <Link to={`/measures/${encodeURIComponent(each.metric)}`}>{each.dimension ? `${each.label} · ${each.dimension.replace(/^trait\./, "")} ${each.group}` : each.label}</Link>
                    <Badge tone={each.good === null ? "info" : each.good ? "good" : "bad"}>{f.change(change)}</Badge>
                  </div>
                  <div className="quiet small">
                    {f.day(each.day)}{each.last_day !== each.day && ` to ${f.day(each.last_day)}`}: {f.valueCompact(each.value, each.unit, each.currency)} where {f.valueCompact(each.expected, each.unit, each.currency)} was expected
                    {driver && !each.dimension && `; ${driver.dimension.replace(/^trait\./, "")} ${driver.group} accounts for ${f.share(driver.explains, 0)}`}
                  </div>
                </li>
              );
            })}
          </ul>
        )}
      </Based>
    </Panel>
  );
}
