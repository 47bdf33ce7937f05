import { useMemo } from "react";
import { keepPreviousData } from "@tanstack/react-query";
import { useAsk, type Answer } from "../../api/client";
import { useUrlState } from "../../app/router";
import { AsOf, Chart, Chips, Combobox, DataTable, Panel, Tooltip, useFormat, type Column, type Drawn } from "../../parts";

type Profile = Answer<"GET /api/v1/segments/{name}/profile">;
type Row = Profile["rows"][number];

const SHOWN = 18;

/** What its people have in common, against everybody and other segments. */
export function ProfileTab({ name }: { name: string }) {
  const [state, set] = useUrlState({ against: [] as string[] });
  const words = useAsk("GET /api/v1/vocabulary", undefined, { staleTime: 60_000 });
  const found = useAsk("GET /api/v1/segments/{name}/profile", { path: { name }, query: { against: state.against.join(",") } }, { placeholderData: keepPreviousData });
  const drawn = useMemo(() => found.data && heatOf(found.data), [found.data]);
  const shown = Math.min(SHOWN, found.data?.rows.length ?? 0);
  const others = (words.data?.segments ?? []).filter((each) => each.name !== name && !state.against.includes(each.name));
  return (
    <div className="stack">
      <Panel
        title="Where it differs"
        words="How far its mean is from everybody's, in standard deviations (of shares: Cohen's h); the largest first."
        of={found}
        height={480}
        actions={<Combobox label="Compare with another segment" value="" placeholder="Compare with …" options={others.map((each) => ({ value: each.name, label: each.label || each.name }))} onChange={(next) => set({ against: [...state.against, next].slice(0, 6) })} />}
        foot={found.data && <AsOf at={found.data.as_of} note="0.2 is small, 0.5 is middling, 0.8 is large" />}
      >
        <Chips chips={state.against.map((each) => ({ key: each, label: "with", value: words.data?.segments.find((known) => known.name === each)?.label || each, onRemove: () => set({ against: state.against.filter((one) => one !== each) }) }))} />
        {drawn && <Chart title="Where it differs" of={drawn} height={60 + shown * 30} />}
      </Panel>
      <Panel title="Every feature and trait" of={found} flush>
        {found.data && <ProfileTable profile={found.data} />}
      </Panel>
    </div>
  );
}

const labelOf = (row: Row) => (row.value ? `${row.label}: ${row.value}` : row.label);

function heatOf(profile: Profile): Drawn {
  const groups = profile.groups.filter((each) => each.segment !== "");
  const rows = profile.rows.filter((row) => row.cells[0]?.effect !== null).slice(0, SHOWN);
  const effect = (row: number, column: number) => rows[row]?.cells[column]?.effect ?? null;
  const format = (value: number | null) => (value === null ? "–" : `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`);
  return {
    twin: { head: ["Feature", ...groups.map((each) => each.label || each.segment)], rows: rows.map((row, at) => ({ cells: [labelOf(row), ...groups.map((_, column) => effect(at, column))] })) },
    option: (paint) => ({
      grid: { left: 4, right: 8, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { trigger: "item" },
      xAxis: { type: "category", data: groups.map((each) => each.label || each.segment), position: "top", axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: paint.ink3 } },
      yAxis: { type: "category", data: rows.map(labelOf), inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: paint.ink2, width: 240, overflow: "truncate" } },
      // Below and above everybody in two colours; every cell says its sign.
      visualMap: { show: false, dimension: 2, min: -1.5, max: 1.5, inRange: { color: [paint.series[1], paint.surface, paint.series[0]] } },
      series: [
        {
          type: "heatmap",
          data: rows.flatMap((row, at) => groups.map((group, column) => ({ value: [column, at, effect(at, column)], name: `${labelOf(row)} · ${group.label || group.segment}`, told: format(effect(at, column)), label: { color: Math.abs(effect(at, column) ?? 0) > 0.9 ? paint.surface : paint.ink } }))).filter((cell) => cell.value[2] !== null),
          label: { show: true, formatter: (each: { data: { told: string } }) => each.data.told, fontSize: 12 },
          itemStyle: { borderColor: paint.surface, borderWidth: 2, borderRadius: 4 },
        },
      ],
    }),
  };
}

function ProfileTable({ profile }: { profile: Profile }) {
  const f = useFormat();
  const said = (row: Row, value: number | null) => (row.unit === "share" ? f.share(value) : f.number(value));
  const columns: Column<Row>[] = [
    { key: "what", header: "Feature or trait", value: labelOf, cell: (row) => (row.value ? <span>{row.label}: <strong>{row.value}</strong></span> : <span>{row.label}{row.unit && row.unit !== "share" && <span className="quiet"> ({row.unit})</span>}</span>) },
    ...profile.groups.map<Column<Row>>((group, place) => ({
      key: group.segment || "everybody",
      header: group.label || group.segment,
      number: true,
      value: (row) => row.cells[place]?.value ?? null,
      cell: (row) => {
        const cell = row.cells[place];
        if (!cell || cell.value === null) return <span className="quiet">{cell?.people === 0 ? "–" : "few"}</span>;
        return (
          <Tooltip text={`${f.number(cell.people)} ${row.value ? "have this value" : "have a value"}`}>
            <span tabIndex={0}>{said(row, cell.value)}</span>
          </Tooltip>
        );
      },
      minor: place > 1,
    })),
    { key: "effect", header: "Effect", number: true, value: (row) => Math.abs(row.cells[0]?.effect ?? 0), cell: (row) => f.number(row.cells[0]?.effect, 2) },
  ];
  return <DataTable caption="Profile" columns={columns} rows={profile.rows} rowKey={(row) => `${row.of} ${row.value}`} find={labelOf} sort="-effect" maxHeight={640} />;
}
