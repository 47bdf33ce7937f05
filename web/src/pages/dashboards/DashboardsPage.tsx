import { useAsk } from "../../api/client";
import { Link } from "../../app/router";
import { Badge, Empty, Page, Problem, Skeleton } from "../../parts";
import "./dashboards.css";

/** Every dashboard that the role sees. */
export default function DashboardsPage() {
  const found = useAsk("GET /api/v1/dashboards", {});
  return (
    <Page title="Dashboards" words="Pages of tiles, declared in dashboards/*.yaml and laid out here.">
      {found.error && <Problem error={found.error} onAgain={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={200} />}
      {found.data?.length === 0 && <Empty title="There is nothing to show yet" command="habitue build" icon="dashboard" />}
      <ul className="dashboards-list">
        {found.data?.map((each) => (
          <li key={each.dashboard} className="panel dashboards-card">
            <h2>
              <Link to={`/dashboards/${encodeURIComponent(each.dashboard)}`}>{each.label}</Link>
            </h2>
            <p className="quiet">{each.description}</p>
            <p className="row small">
              <span className="quiet">{each.tiles} tiles</span>
              {each.owner && <span className="quiet">· {each.owner}</span>}
              {!each.declared && <Badge>made of what there is</Badge>}
            </p>
          </li>
        ))}
      </ul>
    </Page>
  );
}
