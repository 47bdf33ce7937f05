/** Small drawings, 24 by 24, in the colour of the text; always beside words or with a label on what holds them. */

const DRAWN = {
  home: "M3 11l9-7 9 7M5 9.500V20h5v-6h4v6h5V9.500",
  segments: "M12 3v9h9M12 3a9 9 0 1 0 9 9M15.500 3.600A9 9 0 0 1 20.400 8.500H15.500z",
  people: "M16 20v-1.500a4 4 0 0 0-4-4H6.500a4 4 0 0 0-4 4V20M9.200 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M21.500 20v-1.500a4 4 0 0 0-3-3.850M15.500 4.150a3.500 3.500 0 0 1 0 6.750",
  person: "M19 20.500v-1.500a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v1.500M12 11a3.750 3.750 0 1 0 0-7.500 3.750 3.750 0 0 0 0 7.500",
  chart: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  line: "M3 17l6-6 4 4 8-9M15 6h6v6",
  funnel: "M3 5h18l-7 8.500V20l-4-2v-4.500z",
  cohorts: "M4 4h4v4H4zM10 4h4v4h-4zM16 4h4v4h-4zM4 10h4v4H4zM10 10h4v4h-4zM4 16h4v4H4z",
  paths: "M4 6h5c4 0 3 12 8 12h3M17 15l3 3-3 3M4 18h4c2 0 3-2 3.500-4M13 9c.8-1.800 2-3 4-3h3M17 3l3 3-3 3",
  share: "M12 3v18M5 8l7-5 7 5M5 8v5a3 3 0 0 0 6 0M13 13a3 3 0 0 0 6 0V8",
  alert: "M12 9v4M12 17h.01M10.300 4l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.700-3l-8-14a2 2 0 0 0-3.400 0z",
  dashboard: "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
  data: "M20 6c0 1.700-3.600 3-8 3S4 7.700 4 6s3.600-3 8-3 8 1.300 8 3zM4 6v6c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6",
  privacy: "M12 3l8 3v6c0 4.500-3.400 8-8 9-4.600-1-8-4.500-8-9V6zM9 12l2.200 2.200L15.500 10",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  check: "M4.500 12.500l5 5 10-11",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  right: "M9 6l6 6-6 6",
  left: "M15 6l-6 6 6 6",
  sorted: "M8 10l4-4 4 4M8 14l4 4 4-4",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  table: "M4 5h16v14H4zM4 10h16M10 10v9",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2.500M12 19.500V22M4.900 4.900l1.800 1.800M17.300 17.300l1.800 1.800M2 12h2.500M19.500 12H22M4.900 19.100l1.800-1.800M17.300 6.700l1.800-1.800",
  moon: "M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4",
  keyboard: "M3 7h18v10H3zM7 10.500h.01M10.300 10.500h.01M13.700 10.500h.01M17 10.500h.01M8 14h8",
  help: "M9 9.200a3 3 0 1 1 4.200 2.750c-.8.350-1.200.9-1.200 1.800M12 17h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  info: "M12 11v5M12 8h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  out: "M15 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 16l-4-4 4-4M6 12h9",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.200 1.200M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200",
  trash: "M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10.500 11v5M13.500 11v5",
  edit: "M4 20h4L19.500 8.500a2.100 2.100 0 0 0-4-4L4 16zM13.500 6.500l4 4",
  undo: "M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M16 5l4 4-4 4M20 9H10a6 6 0 0 0 0 12h3",
  menu: "M4 7h16M4 12h16M4 17h16",
  clock: "M12 7v5l3.500 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  live: "M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4M7.800 16.200a6 6 0 0 1 0-8.400M16.200 7.800a6 6 0 0 1 0 8.400M5 19a10 10 0 0 1 0-14M19 5a10 10 0 0 1 0 14",
  filter: "M4 6h16M7 12h10M10 18h4",
  merge: "M6 4v4c0 4 6 4 6 8v4M18 4v4c0 4-6 4-6 8M9 17l3 3 3-3",
  key: "M14.500 13.500a5 5 0 1 0-4-4L3 17v4h4l1-1v-2h2v-2h2zM16.500 7.500h.01",
  lock: "M6 11h12v9H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11",
  play: "M7 5l12 7-12 7z",
  refresh: "M20 11a8 8 0 0 0-14.300-4.300L4 8.500M4 4v4.500h4.500M4 13a8 8 0 0 0 14.300 4.300L20 15.500M20 20v-4.500h-4.500",
  calendar: "M5 6h14v14H5zM5 10.500h14M9 3.500V7M15 3.500V7",
  duplicate: "M8 8h12v12H8zM4 16V4h12M14 11v6M11 14h6",
  heart: "M12 20S4 15 4 9.500A4.300 4.300 0 0 1 12 7a4.300 4.300 0 0 1 8 2.500C20 15 12 20 12 20z",
} as const;

export type IconName = keyof typeof DRAWN;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={DRAWN[name]} />
    </svg>
  );
}
