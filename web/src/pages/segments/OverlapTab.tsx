import "./rule.css";
import { useMemo } from "react";
import { useAsk } from "../../api/client";
import { Link } from "../../app/router";
import { useMay, useNoun } from "../../app/session";
import { Button, DataTable, Empty, Panel, useFormat, type Column } from "../../parts";
import { navigate } from "../../app/router";

interface Row {
  other: string;
  label: string;
  both: number | null;
  share: number | null;
  jaccard: number | null;
}

/** Which other segments its people are in. */
export function OverlapTab({ name, label }: { name: string; label: string }) {
  const found = useAsk("GET /api/v1/segments/overlap");
  const all = useAsk("GET /api/v1/segments");
  const may = useMay();
  const f = useFormat();
  const noun = useNoun();
  const rows = useMemo(() => {
    const size = all.data?.find((each) => each.name === name)?.customers ?? null;
    return (found.data ?? [])
      .filter((each) => each.one === name || each.other === name)
      .map<Row>((each) => {
        const other = each.one === name ? each.other : each.one;
        const label = all.data?.find((known) => known.name === other)?.label || other;
        return { other, label, both: each.customers, share: size && each.customers !== null ? each.customers / size : null, jaccard: each.jaccard };
      })
      .sort((one, two) => (two.both ?? 0) - (one.both ?? 0));
  }, [found.data, all.data, name]);
  const columns: Column<Row>[] = [
    { key: "label", header: "Segment", value: (row) => row.label, cell: (row) => <Link to={`/segments/${encodeURIComponent(row.other)}?tab=overlap`}>{row.label}</Link> },
    { key: "both", header: "In both", number: true, value: (row) => row.both, cell: (row) => (row.both === null ? <span className="quiet">few</span> : f.number(row.both)) },
    {
      key: "share",
      header: `Share of ${label}`,
      number: true,
      value: (row) => row.share,
      cell: (row) => (
        <span className="row nowrap">
          <svg className="rule-bar segment-share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect className="all" width="100" height="4" />
            <rect className="some" width={Math.min(100, (row.share ?? 0) * 100)} height="4" />
          </svg>
          {f.share(row.share)}
        </span>
      ),
    },
    { key: "jaccard", header: "Of either", number: true, value: (row) => row.jaccard, cell: (row) => f.share(row.jaccard), minor: true },
    ...(may("edit_definitions")
      ? [
          {
            key: "make",
            header: "",
            cell: (row: Row) => (
              <Button small kind="quiet" icon="plus" onClick={() => navigate(`/segments/new?rule=${encodeURIComponent(`segment.${name} and segment.${row.other}`)}`)}>
                Those in both
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel flush of={found} title="Overlap" words={`Other segments that ${noun.many} of this one are in.`}>
      <DataTable caption={`Overlap of ${label}`} columns={columns} rows={rows} rowKey={(row) => row.other} empty={<Empty icon="segments" title="It shares nobody with another segment" />} />
    </Panel>
  );
}
