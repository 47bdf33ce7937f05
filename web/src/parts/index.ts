/** The parts that pages are made of: see web/README.md. */

export { Based } from "./Based";
export { Button, ButtonLink, Choice, IconButton, type ButtonKind } from "./Button";
export { Chart, Spark } from "./Chart";
export { bars, flows, heat, lines, type Drawn, type Series, type Twin } from "./charts";
export { Chips, type Chip } from "./Chips";
export { Combobox, type ComboOption } from "./Combobox";
export { asCurl, Copy, type Written } from "./Copy";
export { DataTable, type Column } from "./DataTable";
export { Dialog } from "./Dialog";
export { Empty } from "./Empty";
export { Check, Field, Input, Select, TextArea } from "./Field";
export { AsOf, Badge, Delta, Figure, Live } from "./Figure";
export { download, fileName, toCsv } from "./files";
export { useFormat, type Format, type Unit } from "./format";
export { Icon, type IconName } from "./Icon";
export { Loading, Skeleton } from "./Loading";
export { Menu, Popover, type MenuItem } from "./Menu";
export { Page } from "./Page";
export { type Paint } from "./paint";
export { Panel } from "./Panel";
export { customerAddress, PeopleTable, usePeople, type Behind, type PeoplePage, type Person } from "./People";
export { Problem } from "./Problem";
export { Sentence } from "./Sentence";
export { Tabs, type Tab } from "./Tabs";
export { useSay } from "./Toast";
export { Tooltip } from "./Tooltip";
