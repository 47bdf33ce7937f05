// Written by web/generate_types.py from the routes of the server: `make types` writes it anew.
/** What can be done to personal data or to permissions. */
export type AuditAction = "read" | "export" | "erase" | "consent" | "merge" | "unmerge" | "permission" | "retention" | "key" | "definition" | "sign_in";

/** Whether the chain holds. */
export interface AuditCheck {
  entries: number;
  broken_at: number | null;
  head: string;
  why: string;
}

/** One thing that was done. */
export interface AuditEntry {
  at: string;
  actor: string;
  action: AuditAction;
  subject: string;
  about: string;
  purpose: string;
}

/** An entry with its place in the log. */
export interface AuditLine {
  at: string;
  actor: string;
  action: AuditAction;
  subject: string;
  about: string;
  purpose: string;
  number: number;
}

/** A page of the audit log, the newest first. */
export interface AuditPage {
  entries: AuditLine[];
  next_cursor: number | null;
}

/** What the audit log says, and whether it can be believed. */
export interface AuditReport {
  check: AuditCheck | null;
  entries: AuditEntry[];
}

/** One segment. */
export interface BoardSegment {
  segment: SeenSegment;
  movement: SeenBuild[];
  used_by: Use[];
  is_live: boolean;
}

/** What is to be built. */
export interface BuildAsked {
  as_of?: string | null;
  full?: boolean;
  select?: string[];
}

/** What a build did. */
export interface BuildReport {
  build: number;
  as_of: string | null;
  steps: BuildStep[];
  loads: LoadReport[];
  failed_rows: number;
  seconds: number;
}

/** One step of a build. */
export interface BuildStep {
  name: string;
  rows: number;
  seconds: number;
  status: string;
  note: string;
}

/** One step of a build. */
export interface BuiltStep {
  name: string;
  status: string;
  seconds: number;
  rows: number | null;
  note: string;
}

/** What a value says of a person. */
export type Category = "internal_id" | "pseudonym" | "identifier" | "contact" | "profile" | "behaviour" | "derived" | "consent" | "link" | "raw" | "sealed" | "key" | "audit" | "account" | "technical";

/** A record that is another person now. */
export interface Change {
  record: string;
  before: string;
  after: string;
}

/** One channel in a list. */
export interface ChannelEntry {
  channel: string;
  label: string;
  host: string;
  segments: string[] | string;
  format: string;
  identifier: string;
  purpose: string;
  state: string;
  why: string;
  behind: number;
  waiting: number;
  given_up: number;
  accepted: number;
  accepted_at: string | null;
}

/** What a receiver said to a message about nobody. */
export interface ChannelTested {
  channel: string;
  host: string;
  accepted: boolean;
  why: string;
  status: number | null;
  took_ms: number;
  message_id: string;
}

/** How far a column has moved since the profile before. */
export interface ColumnDrift {
  psi: number | null;
  distance: number | null;
  missing_change: number;
  has_drifted: boolean;
}

/** The quality of one column. */
export interface ColumnProfile {
  name: string;
  kind: string;
  is_personal: boolean;
  present: number;
  missing: number;
  completeness: number;
  failed: number;
  validity: number;
  distinct: number;
  is_distinct_exact: boolean;
  uniqueness: number;
  number: NumberProfile | null;
  text: TextProfile | null;
  time: TimeProfile | null;
  drift: ColumnDrift | null;
  hints: Hint[];
}

/** How values lie. */
export interface ColumnSpread {
  edges: number[];
  counts: number[];
  mean: number | null;
  deviation: number | null;
  skewness: number | null;
}

/** A command as it was typed. */
export interface CommandAsked {
  command: string;
  typed: string[];
  role: string;
  columns: number;
  colour: boolean;
  files?: ([string, string | null])[];
}

/** What a command left behind. */
export interface CommandDone {
  code: number;
  out: string;
  err: string;
  files: (string | null)[];
}

/** What somebody says about a purpose. */
export interface ConsentAsked {
  state: ConsentState;
  purpose?: string;
  occurred_at?: string | null;
  source?: string;
  text_version?: string;
  region?: string;
}

/** One entry of the ledger. */
export interface ConsentEntry {
  record_id: string;
  purpose: string;
  state: ConsentState;
  occurred_at: string;
  received_at: string;
  strength: Strength;
  basis: LegalBasis;
  source: string;
  text_version: string;
  region: string;
}

/** How a project's people stand to its purposes. */
export interface ConsentFigures {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  as_of: string;
  customers: number;
  restricted: number;
  purposes: PurposeFigures[];
  days: DayFigures[];
  margin: number | null;
}

/** What one person said, and what it comes to. */
export interface ConsentOverview {
  customer: string;
  restricted: boolean;
  region: string;
  purposes: PurposeState[];
  entries: ConsentEntry[];
  turns: Turn[];
}

/** What was said: about one purpose, or, for the last two, about any use of somebody's data. */
export type ConsentState = "given" | "withdrawn" | "objected" | "restricted" | "lifted";

/** What one table must look like. */
export interface Contract {
  table: string;
  event: string;
  label: string;
  declared: boolean;
  sources: string[];
  columns: ContractColumn[];
}

/** One property, trait or attribute. */
export interface ContractColumn {
  name: string;
  kind: string;
  label: string;
  personal: boolean;
  required: boolean;
  rules: string;
}

/** A page of customers. */
export interface CustomerList {
  as_of: string;
  words: string;
  total: number;
  columns: ListColumn[];
  customers: ListedCustomer[];
  next_cursor: string | null;
  sortable: ListColumn[];
}

/** The segments of a customer. */
export interface CustomerMemberships {
  customer: string;
  as_of: string;
  segments: Membership[];
}

/** What is known of a customer. */
export interface CustomerPage {
  customer: string;
  as_of: string;
  traits: KnownValue[];
  features: KnownValue[];
  segments: Membership[];
  consents: PurposeState[];
  restricted: boolean;
  events: EventCount[];
  days: DayCount[];
  records: number;
  clearable: string[];
  purposes: Record<string, string>;
}

/** What is known of a customer. */
export interface CustomerProfile {
  customer: string;
  as_of: string;
  traits: Record<string, unknown>;
  features: Record<string, unknown>;
  segments: Membership[];
  restricted: boolean;
  consents: PurposeState[];
  clear: Record<string, string[]>;
}

/** Whom an identifier may mean. */
export interface CustomersFound {
  customers: string[];
  more: boolean;
}

/** A dashboard as a list shows it. */
export interface DashboardEntry {
  dashboard: string;
  label: string;
  description: string;
  owner: string;
  tiles: number;
  declared: boolean;
}

/** How many things a customer did on a day, `2026-01-31`, of the project's time zone. */
export interface DayCount {
  day: string;
  events: number;
}

/** What was said about a purpose on one day of the project's time zone. */
export interface DayFigures {
  day: string;
  purpose: string;
  agreed: number;
  refused: number;
}

/** One day in the project's time zone. */
export interface DayMoves {
  day: string;
  entered: number | null;
  left: number | null;
}

/** What a decision changed. */
export interface Decided {
  merged: string[][];
  split: string[][];
  changes: Change[];
  build: BuildReport | null;
}

/** One delivery in a list. */
export interface DeliveryEntry {
  channel: string;
  sequence: number;
  segment: string;
  entered: boolean;
  state: string;
  why: string;
  status: number | null;
  attempts: number;
  took_ms: number;
  changed_at: string;
  next_at: string | null;
}

/** A customer of whom the readings do not agree. */
export interface Difference {
  segment: string;
  customer: string;
  batch: boolean;
  live: boolean;
}

/** A draft to keep. */
export interface DraftSent {
  body: Record<string, unknown>;
  segment?: string;
  version?: number;
}

/** A draft of a segment. */
export interface DraftShown {
  id: string;
  segment: string;
  body: unknown;
  version: number;
  made_at: string;
  changed_at: string;
}

/** A group that accounts for a spell out of the ordinary. */
export interface Driver {
  dimension: string;
  group: string;
  value: number;
  expected: number;
  explains: number;
  surprise: number;
}

/** What became of a draft. */
export interface Dropped {
  dropped: boolean;
}

/** A channel that is on again. */
export interface Enabled {
  channel: string;
  tried_again: number;
}

/** Who is to be erased. */
export interface EraseAsked {
  customers: string[];
  dry_run?: boolean;
}

/** What became of an order to erase. */
export interface Erasure {
  request_id: string;
  subject: string;
  subjects: string[];
  state: string;
  stores: StoreErased[];
  models: ModelMarked[];
  recipients: Recipient[];
}

/** How often a customer did something. */
export interface EventCount {
  event: string;
  times: number;
  first_at: string;
  last_at: string;
}

/** Calendar steps of a period; weeks begin on Monday. */
export type Every = "day" | "week" | "month";

/** The proof of one customer's place in or out of a segment. */
export interface Explanation {
  segment: string;
  customer: string;
  as_of: string;
  member: boolean;
  since: string | null;
  changes_at: string | null;
  words: string;
  leaves: LeafProof[];
}

/** Why something did not come to an end. */
export interface Failed {
  code: string;
  what: string;
  do: string;
}

/** How many rows of one source failed for one reason. */
export interface FailedCount {
  source: string;
  stage: string;
  code: string;
  rows: number;
}

/** One row of the failed lane. */
export interface FailedEntry {
  id: number;
  source: string;
  file: string;
  line: number;
  stage: string;
  code: string;
  field: string;
  reason: string;
  row: Record<string, unknown>;
  state: string;
  failed_at: string | null;
}

/** One thing wrong in a project file, with the place a person has to look at. */
export interface Fault {
  file: string;
  line: number;
  code: string;
  what: string;
  do: string;
}

/** What is kept for one definition; what it shares with others is split evenly among them. */
export interface Footprint {
  people: number;
  items: number;
  approximate_bytes: number;
}

/** A page of the people at a step. */
export interface FunnelPeople {
  step: number;
  dropped: boolean;
  customers: string[];
  total: number | null;
  next_cursor: string | null;
  rule: MarkRule | null;
}

/** Something that keeps a table from passing the gate. */
export interface GateFinding {
  column: string;
  says: string;
}

/** Which way a metric is wished to go. */
export type Good = "up" | "down" | "";

/** Something a person should look at. */
export interface Hint {
  code: string;
  says: string;
}

/** One column that is kept. */
export interface KeptColumn {
  name: string;
  label: string;
  category: Category;
  term: string;
  about_people: boolean;
  sealed: boolean;
}

/** One table that is kept. */
export interface KeptTable {
  store: string;
  table: string;
  label: string;
  subject_key: string;
  purposes: string[];
  retention: string;
  columns: KeptColumn[];
}

/** A key that is to be made. */
export interface KeyAsked {
  scope: Scope;
  role?: Role | null;
  source?: string;
  expires?: string;
}

/** A key, without its secret. */
export interface KeyListed {
  id: string;
  scope: string;
  role: string;
  source: string;
  state: string;
  made_at: string;
  expires_at: string;
  last_at: string | null;
}

/** What a declared column, property, trait or expression holds. */
export type Kind = "text" | "integer" | "number" | "money" | "boolean" | "time" | "date" | "location" | "duration" | "personal";

/** One trait or figure of a customer. */
export interface KnownValue {
  name: string;
  label: string;
  kind: string;
  unit: string;
  personal: boolean;
  value: unknown;
}

/** A dashboard whose layout was written. */
export interface LaidOut {
  dashboard: string;
  file: string;
  created: boolean;
}

/** A layout: how many columns, and the tiles in reading order; those not named are taken out. */
export interface LayoutAsked {
  columns: number;
  tiles: TileAsked[];
}

/** One smallest true-or-false part of a rule, for one person. */
export interface LeafProof {
  rule: string;
  words: string;
  value: boolean | number | string | null;
  kind: Kind;
  holds: boolean;
  events: Witness[];
  event_count: number;
  since: string | null;
  changes_at: string | null;
}

/** A column that nearly gives away a target. */
export interface Leak {
  column: string;
  reason: string;
  auc: number | null;
  explained: number | null;
  is_certain: boolean;
  says: string;
}

/** On what ground personal data may be used (GDPR 6(1)). */
export type LegalBasis = "consent" | "contract" | "legal_obligation" | "vital_interests" | "public_task" | "legitimate_interests";

/** Everything that is declared, and what it is made from. */
export interface Lineage {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

/** What is made from what, by `id`. */
export interface LineageEdge {
  source: string;
  target: string;
}

/** One thing that data passes through. */
export interface LineageNode {
  id: string;
  kind: NodeKind;
  name: string;
  label: string;
}

/** What stands behind `#link=` in a link of `habitue users link`. */
export interface LinkAsked {
  link: string;
}

/** One column of a list. */
export interface ListColumn {
  name: string;
  label: string;
  kind: string;
  unit: string;
  personal: boolean;
}

/** One customer of a list, with a value for each of its columns. */
export interface ListedCustomer {
  customer: string;
  values: unknown[];
}

/** One message of the failed lane of the log. */
export interface LiveFailure {
  id: number;
  source: string;
  stage: string;
  code: string;
  field: string;
  reason: string;
  state: string;
  received_at: string;
}

/** Failed live messages that are to be taken in again. */
export interface LiveReplayAsked {
  source?: string | null;
  rows?: Record<string, Record<string, string | null>> | null;
}

/** What became of failed live messages. */
export interface LiveReplayed {
  tried: number;
  taken_in: number;
  duplicates: number;
  given_up: number;
  failing: StillFailing[];
  waiting: number;
}

/** What a load did with one source. */
export interface LoadReport {
  source: string;
  files: string[];
  repeated: string[];
  rows: number;
  used: number;
  unused: number;
  failed: number;
  made: Record<string, number>;
  seconds: number;
  status: "loaded" | "unchanged";
  notes: string[];
}

/** A page of the people behind a mark. */
export interface MarkPeople {
  customers: string[];
  total: number | null;
  next_cursor: string | null;
  rule: MarkRule | null;
}

/** The people behind a mark as a rule. */
export interface MarkRule {
  rule: string;
  words: string;
  moving: string;
  customers: number;
  differs: number;
  why_not: string;
}

/** A page of a segment's members. */
export interface Members {
  segment: string;
  as_of: string;
  customers: string[];
  next_cursor: string | null;
}

/** A page of a segment's members, some in the clear. */
export interface MembersShown {
  segment: string;
  as_of: string;
  customers: string[];
  next_cursor: string | null;
  purpose: string;
  people: habitue__run__personal_reads__PersonShown[];
  withheld: number;
}

/** A segment that somebody is in. */
export interface Membership {
  segment: string;
  label: string;
  purpose: string;
  since: string | null;
}

/** New values of failed rows, all or none. */
export interface MendAsked {
  rows: Record<string, Record<string, string | null>>;
}

/** Rows that wait for the next replay. */
export interface Mended {
  mended: number;
  rows: FailedEntry[];
}

/** Who is the same person. */
export interface MergeAsked {
  other: string;
}

/** One metric as a list shows it. */
export interface MetricEntry {
  metric: string;
  label: string;
  description: string;
  owner: string;
  unit: Unit;
  currency: string;
  good: Good;
  purpose: string;
  shipped: boolean;
  dimensions: string[];
  standing: boolean;
}

/** A model that may have learned from somebody who was erased. */
export interface ModelMarked {
  model: string;
  retrain_by: string;
}

/** A key just made: the only time that its secret is shown. */
export interface NewKey {
  id: string;
  key: string;
  scope: Scope;
  role: Role;
  expires_at: string;
  source: string;
}

/** What a node of the lineage is. */
export type NodeKind = "source" | "table" | "feature" | "segment" | "metric";

/** The distribution of a column of numbers, over finite values. */
export interface NumberProfile {
  minimum: number;
  maximum: number;
  mean: number;
  deviation: number;
  zero_count: number;
  negative_count: number;
  skewness: number;
  quantiles: number[];
  edges: number[];
  counts: number[];
  percentiles: number[];
  outliers: OutlierProfile;
}

/** How the steps have to follow each other. */
export type Order = "ordered" | "strict" | "any";

/** Values far from the rest of their column. */
export interface OutlierProfile {
  transform: string;
  low: number | null;
  high: number | null;
  count: number;
  share: number;
  iqr_low: number;
  iqr_high: number;
  iqr_count: number;
  iqr_share: number;
}

/** Whether two records are one person. */
export interface PairAnswered {
  left: string;
  right: string;
  same: boolean;
}

/** What a comparison found. */
export interface Parity {
  as_of: string;
  segments: string[];
  pairs: number;
  differences: Difference[];
  told: number;
  offset: number;
  left_out: Record<string, string>;
}

/** One group or condition of a rule. */
export interface PartSize {
  path: string;
  customers: number | null;
}

/** One part of a rule in words. */
export interface PartWords {
  path: string;
  rule: string;
  words: string;
}

/** One instant. */
export interface PastSize {
  as_of: string;
  customers: number | null;
}

/** A page of a segment's people. */
export interface PeoplePage {
  segment: string;
  as_of: string;
  columns: PersonColumn[];
  rows: PersonRow[];
  next_cursor: string | null;
}

/** One permission of a role. */
export interface PermissionSeen {
  permission: string;
  meaning: string;
  may: boolean;
  taken: boolean;
}

/** A column of the page. */
export interface PersonColumn {
  of: string;
  label: string;
  unit: string;
  kind: Kind;
}

/** What was found or decided about two records, one of them the person's. */
export interface PersonLink {
  left: string;
  right: string;
  rule: string;
  state: string;
  probability: number | null;
  decided_at: string;
  decided_by: string;
  decision: number | null;
}

/** One record of a person. */
export interface PersonRecord {
  record: string;
  sources: string[];
  kinds: Record<string, number>;
  identifiers: Record<string, string[]> | null;
}

/** One person. */
export interface PersonRow {
  customer: string;
  since: string | null;
  values: unknown[];
}

/** One step of a build to come. */
export interface PlannedStep {
  name: string;
  status: string;
  why: string;
}

/** One column before and after preparation. */
export interface PreparedColumn {
  table: string;
  column: string;
  rows: number;
  missing: number;
  low: number | null;
  high: number | null;
  cut: number;
  transform: string;
  before: ColumnSpread;
  after: ColumnSpread;
}

/** A rule to be looked at. */
export interface PreviewAsked {
  rule: string;
  as_of?: string | null;
  sample?: number;
}

/** What people asked for, and whom their data was given to. */
export interface PrivacyRequests {
  requests: SeenRequest[];
  recipients: Recipient[];
}

/** What went wrong. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  do: string;
  field?: string;
  column?: number;
  faults?: Fault[];
}

/** One group in one row. */
export interface ProfileCell {
  value: number | null;
  effect: number | null;
  people: number | null;
}

/** A column of a profile. */
export interface ProfileGroup {
  segment: string;
  label: string;
  customers: number | null;
}

/** A feature, or one value of a trait. */
export interface ProfileRow {
  of: string;
  label: string;
  unit: string;
  value: string;
  cells: ProfileCell[];
}

/** The quality of one table. */
export interface ProfiledTable {
  table: string;
  label: string;
  sources: string[];
  profile: TableProfile;
  compared: boolean;
  gate: GateFinding[];
}

/** What every page says of the project. */
export interface ProjectFacts {
  name: string;
  noun: string;
  currency: string;
  time_zone: string;
}

/** What `habitue.yaml` says, and where. */
export interface ProjectSettings {
  name: string;
  noun: string;
  currency: string;
  time_zone: string;
  as_of: string;
  visit_gap_seconds: number;
  build_seconds: number | null;
  retention_seconds: number | null;
  address: string | null;
  provider: string | null;
  live_sources: string[];
  version: string;
}

/** A segment that was written. */
export interface Published {
  segment: string;
  file: string;
  rule: string;
  created: boolean;
}

/** How everybody stands to one purpose. */
export interface PurposeFigures {
  purpose: string;
  label: string;
  description: string;
  basis: LegalBasis;
  allowed: number;
  agreed: number;
  refused: number;
  silent: number;
  used_by: string[];
}

/** One purpose. */
export interface PurposeReach {
  purpose: string;
  label: string;
  marketing: boolean;
  customers: number | null;
  ways: WayReach[];
}

/** Where one person and one purpose stand. */
export interface PurposeState {
  purpose: string;
  label: string;
  basis: LegalBasis;
  state: ConsentState | null;
  allowed: boolean;
  since: string | null;
}

/** Somewhere that data of people was given to. */
export interface Recipient {
  kind: string;
  target: string;
  what: string;
  given_at: string;
}

/** What is there no longer. */
export interface Removed {
  removed: string;
}

/** What became of mended rows. */
export interface ReplayReport {
  repaired: number;
  taken_in: number;
  failing: FailedEntry[];
  sources: LoadReport[];
  waiting: number;
}

/** A rule of retention, applied to one table or class of data. */
export interface RetentionEntry {
  rule: string;
  about: string;
  keep: string;
  limit: string | null;
  purpose: string;
  rows: number;
  gone: number;
}

/** What somebody is in a project. */
export type Role = "executive" | "analyst" | "marketer" | "privacy_officer" | "admin";

/** One role. */
export interface RoleSeen {
  role: string;
  described: string;
  why: string;
  permissions: PermissionSeen[];
}

/** A rule as far as it goes. */
export interface RuleExamined {
  rule: string;
  words: string;
  tree: unknown;
  parts: PartWords[];
  faults: RuleFault[];
  column: number;
}

/** Something wrong with a rule. */
export interface RuleFault {
  path: string;
  code: string;
  what: string;
  do: string;
}

/** Whom a rule's people may be used for. */
export interface RuleReach {
  customers: number | null;
  purposes: PurposeReach[];
  is_estimate: boolean;
  rounded: boolean;
}

/** A rule that is being made: as text or as a tree. */
export interface RuleSent {
  rule?: string;
  tree?: Record<string, unknown> | null;
  segment?: string;
  purpose?: string;
  exact?: boolean;
  editor?: string;
}

/** How many customers a rule holds for. */
export interface RuleSize {
  rule: string;
  words: string;
  as_of: string;
  customers: number | null;
  of: number | null;
  share: number | null;
  parts: PartSize[];
  faults: RuleFault[];
  is_estimate: boolean;
  looked_at: number | null;
  low: number | null;
  high: number | null;
  with_basis: number | null;
  rounded: boolean;
}

/** What a key is for. */
export type Scope = "collect" | "read" | "decide" | "admin";

/** The secret of a channel: the only time that it is shown. */
export interface SecretMade {
  channel: string;
  secret: string;
}

/** Days out of the ordinary. */
export interface SeenAnomalies {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  since: string;
  until: string;
  metrics: string[];
  anomalies: SeenAnomaly[];
  rounded: boolean;
}

/** A day or several on which a metric was out of the ordinary, as a role is shown it. */
export interface SeenAnomaly {
  metric: string;
  label: string;
  unit: Unit;
  currency: string;
  good: boolean | null;
  dimension: string;
  group: string;
  day: string;
  last_day: string;
  value: number;
  expected: number;
  score: number;
  drivers: Driver[];
}

/** Attribution as a role is shown it. */
export interface SeenAttribution {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  touch: string;
  by: string;
  to: string;
  value: string;
  since: string | null;
  until: string;
  conversions: number | null;
  lost: number | null;
  channels: SeenChannel[];
  rounded: boolean;
}

/** One bar of a histogram, as a role is shown it; `customers` is None when it is hidden. */
export interface SeenBin {
  low: string;
  high: string;
  customers: number | null;
}

/** One segment at one build, as a role is shown it; figures are None when they are hidden. */
export interface SeenBuild {
  segment: string;
  as_of: string;
  customers: number | null;
  entered: number | null;
  left: number | null;
  rule: string;
}

/** One value, as a role is shown it. */
export interface SeenCell {
  step: string | null;
  groups: (string | null)[];
  value: number | string | null;
  before: number | string | null;
  change: number | null;
  customers: number | null;
  hidden: boolean;
}

/** A channel. */
export interface SeenChannel {
  channel: string | null;
  customers: number | null;
  credits: SeenCredit[];
  hidden: boolean;
  margin: number | null;
}

/** The people of one first day, week or month. */
export interface SeenCohort {
  start: string;
  customers: number | null;
  steps: SeenReturn[];
  margin: number | null;
}

/** Cohorts as a role is shown them. */
export interface SeenCohorts {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  event: string;
  again: string;
  every: Every;
  revenue: string;
  until: string;
  cohorts: SeenCohort[];
  rounded: boolean;
}

/** The quality of one column, as somebody without people is shown it. */
export interface SeenColumn {
  name: string;
  kind: string;
  is_personal: boolean;
  present: number | null;
  missing: number | null;
  completeness: number | null;
  quantiles: (number | null)[];
  top: SeenValue[];
  has_drifted: boolean;
}

/** What one model gives a channel, as a role is shown it; figures are None when they are hidden. */
export interface SeenCredit {
  model: string;
  conversions: number | null;
  share: number | null;
  worth: number | null;
}

/** A dashboard with the figures of its tiles, as a role is shown them. */
export interface SeenDashboard {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  dashboard: string;
  label: string;
  description: string;
  owner: string;
  columns: number;
  declared: boolean;
  as_of: string;
  of: string;
  of_words: string;
  tiles: SeenTile[];
}

/** How a feature is spread, as a role is shown it. */
export interface SeenDistribution {
  feature: SeenFeature;
  missing: number | null;
  quantiles: (number | null)[];
  bins: SeenBin[];
}

/** A feature as a role is shown it. */
export interface SeenFeature {
  name: string;
  label: string;
  kind: Kind;
  unit: string;
  purpose: string;
  rule: string;
  present: number | null;
  mean: number | null;
  low: string | null;
  high: string | null;
  hidden: boolean;
}

/** A funnel as a role is shown it. */
export interface SeenFunnel {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  order: Order;
  within_s: number | null;
  since: string | null;
  until: string;
  steps: SeenStep[];
  by: string;
  groups: SeenGroup[];
  rounded: boolean;
}

/** The funnel of the people with one value. */
export interface SeenGroup {
  value: string | null;
  others: boolean;
  steps: SeenStep[];
}

/** One part of a previewed rule, as a role is shown it. */
export interface SeenLeaf {
  rule: string;
  words: string;
  customers: number | null;
}

/** How many go from one thing to another, as a role is shown it; figures are None when they are hidden. */
export interface SeenLink {
  place: number;
  source: string | null;
  target: string | null;
  ends: boolean;
  customers: number | null;
  median_s: number | null;
}

/** A metric reckoned, as a role is shown it. */
export interface SeenMeasure {
  metric: MetricEntry;
  since: string;
  until: string;
  before_since: string;
  before_until: string;
  every: string;
  by: string[];
  whole: SeenCell;
  cells: SeenCell[];
  more: number;
  withheld: number;
  rounded: boolean;
}

/** How much two segments share, as a role is shown it; both figures are None when they are hidden. */
export interface SeenOverlap {
  one: string;
  other: string;
  customers: number | null;
  jaccard: number | null;
}

/** Two records that may be one person, as a role is shown them. */
export interface SeenPair {
  left: string;
  right: string;
  left_person: string;
  right_person: string;
  probability: number;
  hidden: boolean;
  traits: Record<string, SeenTrait>;
}

/** One frequent path, in the order of time; None stands for what is not shown by name. */
export interface SeenPath {
  path: (string | null)[];
  customers: number | null;
}

/** Paths as a role is shown them. */
export interface SeenPaths {
  is_estimate: boolean;
  looked_at: number | null;
  everybody: number | null;
  to: string;
  start: string;
  since: string | null;
  until: string;
  customers: number | null;
  nothing: number | null;
  names: string[];
  links: SeenLink[];
  paths: SeenPath[];
  rounded: boolean;
  margin: number | null;
}

/** What a rule selects, as a role is shown it. */
export interface SeenPreview {
  rule: string;
  words: string;
  as_of: string;
  customers: number | null;
  of: number | null;
  share: number | null;
  sample: string[];
  leaves: SeenLeaf[];
  rounded: boolean;
}

/** Something that somebody asked of whoever keeps their data. */
export interface SeenRequest {
  request_id: string;
  kind: string;
  subjects: string[];
  state: string;
  asked_at: string;
  done_at: string | null;
  due_at: string;
  actor: string;
  proof: string;
}

/** One cohort some steps later, as a role is shown it; figures are None when they are hidden. */
export interface SeenReturn {
  later: number;
  customers: number | null;
  share: number | null;
  revenue: string | number | null;
  hidden: boolean;
}

/** One build. */
export interface SeenRun {
  build: number;
  status: string;
  started_at: string;
  finished_at: string | null;
  seconds: number | null;
  as_of: string | null;
  steps: BuiltStep[];
}

/** A segment as a role is shown it. */
export interface SeenSegment {
  name: string;
  label: string;
  customers: number | null;
  share: number | null;
  purpose: string;
  rule: string;
  words: string;
  group: string;
  description: string;
  hidden: boolean;
}

/** One step as a role is shown it; figures are None when they are hidden. */
export interface SeenStep {
  step: string;
  customers: number | null;
  of_first: number | null;
  of_before: number | null;
  median_s: number | null;
  hidden: boolean;
  margin: number | null;
}

/** The quality of one table, as somebody without people is shown it. */
export interface SeenTable {
  table: string;
  label: string;
  sources: string[];
  rows: number | null;
  columns: SeenColumn[];
}

/** A tile with what it shows; of the figures one is there, or the trouble. */
export interface SeenTile {
  tile: string;
  kind: string;
  label: string;
  chart: string;
  name: string;
  by: string;
  every: string;
  width: number;
  height: number;
  since: string;
  until: string;
  measure: SeenMeasure | null;
  funnel: SeenFunnel | null;
  steps: string[];
  within: string;
  cohorts: SeenCohorts | null;
  sizes: SeenSegment[];
  text: string;
  trouble: Trouble | null;
}

/** What two records say of one thing. */
export interface SeenTrait {
  left: string | null;
  right: string | null;
  same: boolean | null;
}

/** One value of a column and its share of the values present. */
export interface SeenValue {
  value: string;
  share: number;
}

/** Every segment. */
export interface SegmentBoard {
  as_of: string | null;
  customers: number | null;
  segments: BoardSegment[];
}

/** A segment as it is declared. */
export interface SegmentDefinition {
  segment: string;
  label: string;
  description: string;
  purpose: string;
  group: string;
  rule: string;
  tree: unknown;
  file: string;
  yaml: string;
  used_by: Use[];
}

/** What publishing a rule would change. */
export interface SegmentDiff {
  segment: string;
  is_new: boolean;
  as_of: string;
  before: string;
  after: string;
  words_before: string;
  words_after: string;
  entering: number | null;
  leaving: number | null;
  staying: number | null;
  entered: string[];
  left: string[];
  faults: RuleFault[];
  rounded: boolean;
}

/** Sizes as the present rule would have had them. */
export interface SegmentPast {
  segment: string;
  points: PastSize[];
  is_estimate: boolean;
  note: string;
}

/** Segments against everybody. */
export interface SegmentProfile {
  segment: string;
  as_of: string;
  groups: ProfileGroup[];
  rows: ProfileRow[];
}

/** A segment as it is to be declared. */
export interface SegmentSent {
  rule: string;
  label?: string;
  description?: string;
  purpose?: string;
  group?: string;
  before?: string;
  draft?: string;
}

/** One segment with its movement. */
export interface SegmentShown {
  segment: SeenSegment;
  history: SeenBuild[];
}

/** How something is spread over a segment. */
export interface SegmentSpread {
  segment: string;
  of: string;
  label: string;
  unit: string;
  kind: Kind;
  customers: number | null;
  everybody: number | null;
  bars: SpreadBar[];
}

/** Where a customer stands in a segment. */
export interface SegmentStanding {
  segment: string;
  label: string;
  purpose: string;
  member: boolean;
  since: string | null;
  changes_at: string | null;
}

/** Somebody who is signed in. */
export interface SessionListed {
  id: string;
  name: string;
  role: string;
  how: string;
  made_at: string;
  used_at: string;
  ends_at: string;
  is_yours: boolean;
}

/** Who asks, and what they may do. */
export interface SessionSeen {
  signed_in: boolean;
  name: string;
  actor: string;
  role: string | null;
  permissions: string[];
  how: string;
  project: ProjectFacts | null;
  csrf: string;
  expires_at: string | null;
  provider: string | null;
}

/** A name and password. */
export interface SignInAsked {
  name: string;
  password: string;
}

/** One declared source as a list shows it. */
export interface SourceEntry {
  source: string;
  files: string[];
  rows: number | null;
  used: number | null;
  unused: number | null;
  failed: number | null;
  made: Record<string, number>;
  newest_at: string | null;
  age_s: number | null;
  loaded_at: string | null;
  is_live: boolean;
}

/** One bar. */
export interface SpreadBar {
  low: string;
  high: string;
  customers: number | null;
  everybody: number | null;
}

/** How a server stands. */
export interface Standing {
  project: string;
  build: number | null;
  as_of: string | null;
  built_at: string | null;
  now: string;
  live: unknown;
  held: Weight | null;
}

/** Where a customer stands in every declared segment. */
export interface Standings {
  customer: string;
  as_of: string;
  segments: SegmentStanding[];
}

/** A message that still cannot be taken in. */
export interface StillFailing {
  id: number;
  source: string;
  code: string;
  field: string;
  reason: string;
}

/** What an erasure did with one store. */
export interface StoreErased {
  store: string;
  rows: number;
  proof: string;
}

/** How an entry came about; a weaker one never lifts a refusal. */
export type Strength = "explicit" | "signal" | "default";

/** A value that a property or trait has. */
export interface SuggestedValue {
  value: string;
  count: number;
}

/** The quality of one table. */
export interface TableProfile {
  rows: number;
  sampled: number;
  profiled_at: string;
  duplicate_rows: number;
  key: string[];
  duplicate_keys: number | null;
  columns: ColumnProfile[];
  leaks: Leak[];
  new_columns: string[];
  lost_columns: string[];
}

/** What a term takes. */
export interface TermArgument {
  key: string;
  kind: string;
  about: string;
  needed: boolean;
}

/** One term of the language. */
export interface TermHelp {
  term: string;
  group: string;
  label: string;
  help: string;
  example: string;
  gives: string;
  in_event: boolean;
  arguments: TermArgument[];
}

/** The values of a column of text or of yes and no. */
export interface TextProfile {
  shortest: number;
  longest: number;
  top: ValueShare[];
  other_share: number;
}

/** A tile as it is to stand: its name, and its size in columns and rows. */
export interface TileAsked {
  tile: string;
  width: number;
  height: number;
}

/** How fresh and how unbroken a column of times is. */
export interface TimeProfile {
  oldest: string;
  newest: string;
  age_s: number;
  future_count: number;
  days: number;
  empty_days: number;
  longest_gap_days: number;
  longest_gap_from: string | null;
}

/** A page of what a customer did, the newest first. */
export interface Timeline {
  customer: string;
  events: TimelineEvent[];
  next_cursor: string | null;
}

/** One thing that a customer did. */
export interface TimelineEvent {
  event: string;
  occurred_at: string;
  event_id: string;
  properties: Record<string, unknown>;
}

/** Why a tile shows nothing. */
export interface Trouble {
  code: string;
  what: string;
  do: string;
}

/** Somebody entering or leaving a segment. */
export interface Turn {
  customer: string;
  segment: string;
  entered: boolean;
}

/** How far a build is. */
export interface Underway {
  running: boolean;
  step: string;
  share: number | null;
  started_at: string | null;
  ended_at: string | null;
  build: number | null;
  failed: Failed | null;
}

/** What a metric is counted in. */
export type Unit = "money" | "count" | "share" | "number" | "duration";

/** How somebody is taken apart; with neither the newest merge is taken back. */
export interface UnmergeAsked {
  records?: string[];
  decision?: number | null;
}

/** A definition that names a segment. */
export interface Use {
  kind: string;
  name: string;
  label: string;
}

/** Somebody who may sign in. */
export interface User {
  name: string;
  role: Role;
  made_at: string;
  last_at: string | null;
  disabled_at: string | null;
}

/** Somebody who is to sign in. */
export interface UserAdded {
  name: string;
  role: Role;
  password: string;
}

/** What changes about a user; what is left out stays. */
export interface UserChanged {
  role?: Role | null;
  password?: string | null;
  disabled?: boolean | null;
}

/** One value of a column and the share of the sample's present values it makes up, in [0, 1]. */
export interface ValueShare {
  value: string;
  share: number;
}

/** Everything that a builder of rules offers. */
export interface Vocabulary {
  project: string;
  noun: string;
  currency: string;
  time_zone: string;
  customers: number | null;
  as_of: string | null;
  events: VocabularyEvent[];
  traits: VocabularyName[];
  features: VocabularyName[];
  segments: VocabularyName[];
  scores: string[];
  clusters: string[];
  purposes: VocabularyName[];
  relations: string[];
  clock: VocabularyName[];
  terms: TermHelp[];
  groups: string[];
}

/** Something that customers do. */
export interface VocabularyEvent {
  name: string;
  label: string;
  times: number | null;
  properties: VocabularyName[];
}

/** A name that rules may hold. */
export interface VocabularyName {
  name: string;
  label: string;
  kind: Kind;
  unit: string;
  about: string;
}

/** One way to reach people. */
export interface WayReach {
  way: string;
  trait: string;
  customers: number | null;
}

/** What a live reading keeps. */
export interface Weight {
  people: number;
  looked_at: number;
  states: number;
  items: number;
  approximate_bytes: number;
  definitions: Record<string, Footprint>;
}

/** One event that an answer was taken from. */
export interface Witness {
  event: string;
  occurred_at: string;
  position: number;
  event_id: string;
}

/** One person as identity sees them. */
export interface habitue__run__person_records__PersonShown {
  customer: string;
  records: PersonRecord[];
  links: PersonLink[];
}

/** What is shown of one person. */
export interface habitue__run__personal_reads__PersonShown {
  customer: string;
  values: Record<string, string[]>;
}

export interface Routes {
  /** Who asks, what they may do, and what every page says of the project. */
  "GET /api/v1/session": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SessionSeen;
    permission: null;
  };
  /** Sign in with a name and password; the session comes as a cookie. */
  "POST /api/v1/session": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: SignInAsked;
    answer: SessionSeen;
    permission: null;
  };
  /** Sign out, here or everywhere. */
  "DELETE /api/v1/session": {
    path: Record<never, never>;
    query: { "everywhere"?: boolean | undefined };
    body: undefined;
    answer: SessionSeen;
    permission: null;
  };
  /** Sign in with a link of `habitue users link`, which is good once. */
  "POST /api/v1/session/link": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: LinkAsked;
    answer: SessionSeen;
    permission: null;
  };
  /** Leads to the provider that vouches for people. */
  "GET /api/v1/session/provider": {
    path: Record<never, never>;
    query: { "next"?: string | undefined };
    body: undefined;
    answer: Response;
    permission: null;
  };
  /** Where the provider leads back to; the session comes as a cookie. */
  "GET /api/v1/session/provider/done": {
    path: Record<never, never>;
    query: { "code"?: string | undefined; "state"?: string | undefined };
    body: undefined;
    answer: Response;
    permission: null;
  };
  /** The customers whom an identifier means. */
  "GET /api/v1/customers": {
    path: Record<never, never>;
    query: { "q": string };
    body: undefined;
    answer: CustomersFound;
    permission: "see_people";
  };
  /** What is known of a customer: traits, features, segments, consents. */
  "GET /api/v1/customers/{id}": {
    path: { "id": string };
    query: { "show"?: string | undefined; "purpose"?: string | undefined };
    body: undefined;
    answer: CustomerProfile;
    permission: "see_people";
  };
  /** What a customer did, the newest first. */
  "GET /api/v1/customers/{id}/timeline": {
    path: { "id": string };
    query: { "cursor"?: string | undefined; "limit"?: number | undefined; "since"?: string | undefined; "until"?: string | undefined; "events"?: string | undefined };
    body: undefined;
    answer: Timeline;
    permission: "see_people";
  };
  /** The segments that a customer is in at this moment. */
  "GET /api/v1/customers/{id}/segments": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: CustomerMemberships;
    permission: "see_people";
  };
  /** Why a customer is in a segment or not, since when, until when. */
  "GET /api/v1/customers/{id}/explain": {
    path: { "id": string };
    query: { "segment": string };
    body: undefined;
    answer: Explanation;
    permission: "see_people";
  };
  /** Customers by random id, of a segment or of any rule, with open traits and figures, a page at a time. */
  "GET /api/v1/customer-list": {
    path: Record<never, never>;
    query: { "segment"?: string | undefined; "rule"?: string | undefined; "ids"?: string | undefined; "columns"?: string | undefined; "sort"?: string | undefined; "cursor"?: string | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: CustomerList;
    permission: "see_people";
  };
  /** Everything known of a customer in one answer, personal values masked. */
  "GET /api/v1/customers/{id}/page": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: CustomerPage;
    permission: "see_people";
  };
  /** Where a customer stands in every segment: exactly since when, and until when. */
  "GET /api/v1/customers/{id}/standing": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: Standings;
    permission: "see_people";
  };
  /** The records of a customer, and what joins them. */
  "GET /api/v1/customers/{id}/identity": {
    path: { "id": string };
    query: { "purpose"?: string | undefined };
    body: undefined;
    answer: habitue__run__person_records__PersonShown;
    permission: "see_people";
  };
  /** Make two customers one, for good; answered when everything follows. */
  "POST /api/v1/customers/{id}/merge": {
    path: { "id": string };
    query: Record<never, never>;
    body: MergeAsked;
    answer: Decided;
    permission: "manage_identity";
  };
  /** Take back a merge, or part records for good; answered when everything follows. */
  "POST /api/v1/customers/{id}/unmerge": {
    path: { "id": string };
    query: Record<never, never>;
    body: UnmergeAsked;
    answer: Decided;
    permission: "manage_identity";
  };
  /** Records that may be one person, for somebody to say. */
  "GET /api/v1/identity/review": {
    path: Record<never, never>;
    query: { "limit"?: number | undefined; "purpose"?: string | undefined };
    body: undefined;
    answer: SeenPair[];
    permission: "manage_identity";
  };
  /** Say whether two records are one person, for good; answered when everything follows. */
  "POST /api/v1/identity/review": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: PairAnswered;
    answer: Decided;
    permission: "manage_identity";
  };
  /** Everything that a rule may name, and every term of the language. */
  "GET /api/v1/vocabulary": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: Vocabulary;
    permission: "see_aggregates";
  };
  /** The values that a property or trait has most often; never personal ones. */
  "GET /api/v1/vocabulary/values": {
    path: Record<never, never>;
    query: { "event"?: string | undefined; "name": string; "like"?: string | undefined };
    body: undefined;
    answer: SuggestedValue[];
    permission: "see_aggregates";
  };
  /** Every segment with its movement and where it is used. */
  "GET /api/v1/segments/board": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SegmentBoard;
    permission: "see_aggregates";
  };
  /** A rule as text, as a tree and in words, and what is wrong with it where. */
  "POST /api/v1/segments/describe": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: RuleSent;
    answer: RuleExamined;
    permission: "see_aggregates";
  };
  /** For how many customers a rule and each of its parts hold; an estimate first where there are many. */
  "POST /api/v1/segments/size": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: RuleSent;
    answer: RuleSize;
    permission: "see_aggregates";
  };
  /** How many of a rule's people have a basis for each purpose, and a way to be reached. */
  "POST /api/v1/segments/reach": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: RuleSent;
    answer: RuleReach;
    permission: "see_aggregates";
  };
  /** Who would enter and leave a segment if a rule were published. */
  "POST /api/v1/segments/diff": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: RuleSent;
    answer: SegmentDiff;
    permission: "see_aggregates";
  };
  /** Your drafts of segments, the one saved last first. */
  "GET /api/v1/segments/drafts": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: DraftShown[];
    permission: "edit_definitions";
  };
  /** One of your drafts. */
  "GET /api/v1/segments/drafts/{id}": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: DraftShown;
    permission: "edit_definitions";
  };
  /** Keep a draft; refused where it was saved elsewhere meanwhile. */
  "PUT /api/v1/segments/drafts/{id}": {
    path: { "id": string };
    query: Record<never, never>;
    body: DraftSent;
    answer: DraftShown;
    permission: "edit_definitions";
  };
  /** Throw a draft away. */
  "DELETE /api/v1/segments/drafts/{id}": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: Dropped;
    permission: "edit_definitions";
  };
  /** Declare a segment in the project's files, or change it there; comments stay. */
  "PUT /api/v1/segments/{name}": {
    path: { "name": string };
    query: Record<never, never>;
    body: SegmentSent;
    answer: Published;
    permission: "edit_definitions";
  };
  /** Take a segment out of the project's files; refused where it is used. */
  "DELETE /api/v1/segments/{name}": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: Published;
    permission: "edit_definitions";
  };
  /** One segment whole: rule, meaning, size, and its movement at builds. */
  "GET /api/v1/segments/{name}": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: SegmentShown;
    permission: "see_aggregates";
  };
  /** Every segment with size, share, purpose and meaning. */
  "GET /api/v1/segments": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SeenSegment[];
    permission: "see_aggregates";
  };
  /** Whom a rule would select, and each of its parts. */
  "POST /api/v1/segments/preview": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: PreviewAsked;
    answer: SeenPreview;
    permission: "see_aggregates";
  };
  /** How many customers every two segments share. */
  "GET /api/v1/segments/overlap": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SeenOverlap[];
    permission: "see_aggregates";
  };
  /** Whether the batch reading and the live one agree about everybody. */
  "GET /api/v1/segments/parity": {
    path: Record<never, never>;
    query: { "segment"?: string | undefined };
    body: undefined;
    answer: Parity;
    permission: "see_people";
  };
  /** Size and movement of a segment at every build. */
  "GET /api/v1/segments/{name}/history": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: SeenBuild[];
    permission: "see_aggregates";
  };
  /** The members of a segment by id, a page at a time; with `show` in the clear, which is audited. */
  "GET /api/v1/segments/{name}/members": {
    path: { "name": string };
    query: { "cursor"?: string | undefined; "limit"?: number | undefined; "show"?: string | undefined; "purpose"?: string | undefined };
    body: undefined;
    answer: Members | MembersShown;
    permission: "see_people";
  };
  /** Where a segment is declared, as a tree and as YAML, and what uses it. */
  "GET /api/v1/segments/{name}/definition": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: SegmentDefinition;
    permission: "see_aggregates";
  };
  /** Its features and open traits against everybody, with effect sizes. */
  "GET /api/v1/segments/{name}/profile": {
    path: { "name": string };
    query: { "against"?: string | undefined };
    body: undefined;
    answer: SegmentProfile;
    permission: "see_aggregates";
  };
  /** How one feature or trait is spread over it, beside everybody. */
  "GET /api/v1/segments/{name}/spread": {
    path: { "name": string };
    query: { "of": string };
    body: undefined;
    answer: SegmentSpread;
    permission: "see_aggregates";
  };
  /** How many entered and left on each day. */
  "GET /api/v1/segments/{name}/days": {
    path: { "name": string };
    query: { "days"?: number | undefined };
    body: undefined;
    answer: DayMoves[];
    permission: "see_aggregates";
  };
  /** Its size at earlier instants as its present rule would have had it. */
  "GET /api/v1/segments/{name}/past": {
    path: { "name": string };
    query: { "points"?: number | undefined; "every"?: number | undefined };
    body: undefined;
    answer: SegmentPast;
    permission: "see_aggregates";
  };
  /** Its people by id with some features, 200 at a time. */
  "GET /api/v1/segments/{name}/people": {
    path: { "name": string };
    query: { "cursor"?: string | undefined; "limit"?: number | undefined; "columns"?: string | undefined };
    body: undefined;
    answer: PeoplePage;
    permission: "see_people";
  };
  /** Every metric with its definition, unit and dimensions. */
  "GET /api/v1/metrics": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: MetricEntry[];
    permission: "see_aggregates";
  };
  /** Several metrics at once, in a period against the one before, parted alike. */
  "GET /api/v1/measures": {
    path: Record<never, never>;
    query: { "metrics": string; "by"?: string | undefined; "every"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: SeenMeasure[];
    permission: "see_aggregates";
  };
  /** Days on which a metric was far from the same weekdays before, and the groups that account for it. */
  "GET /api/v1/anomalies": {
    path: Record<never, never>;
    query: { "metric"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "estimate"?: boolean | undefined };
    body: undefined;
    answer: SeenAnomalies;
    permission: "see_aggregates";
  };
  /** A metric in a period against the one before, whole, by group, and by day, week or month. */
  "GET /api/v1/metrics/{name}": {
    path: { "name": string };
    query: { "by"?: string | undefined; "every"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: SeenMeasure;
    permission: "see_aggregates";
  };
  /** Who is behind a value of a metric, by id, a page at a time, and as a rule. */
  "GET /api/v1/metrics/{name}/people": {
    path: { "name": string };
    query: { "by"?: string | undefined; "every"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "groups"?: string | undefined; "step"?: string | undefined; "upper"?: boolean | undefined; "cursor"?: string | undefined; "limit"?: number | undefined; "rule"?: boolean | undefined; "soon"?: boolean | undefined };
    body: undefined;
    answer: MarkPeople;
    permission: "see_people";
  };
  /** Who is behind a cohort, or a cell of it, by id, a page at a time, and as a rule. */
  "GET /api/v1/cohorts/people": {
    path: Record<never, never>;
    query: { "event"?: string | undefined; "again"?: string | undefined; "every"?: string | undefined; "revenue"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "start": string; "later"?: number | undefined; "cursor"?: string | undefined; "limit"?: number | undefined; "rule"?: boolean | undefined; "soon"?: boolean | undefined };
    body: undefined;
    answer: MarkPeople;
    permission: "see_people";
  };
  /** Who is behind a part of paths, by id, a page at a time, and as a rule. */
  "GET /api/v1/paths/people": {
    path: Record<never, never>;
    query: { "events"?: string | undefined; "to"?: string | undefined; "from"?: string | undefined; "within"?: string | undefined; "steps"?: number | undefined; "top"?: number | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "place"?: number | undefined; "source"?: string | undefined; "target"?: string | undefined; "ends"?: string | undefined; "onward"?: boolean | undefined; "names"?: string | undefined; "cursor"?: string | undefined; "limit"?: number | undefined; "rule"?: boolean | undefined; "soon"?: boolean | undefined };
    body: undefined;
    answer: MarkPeople;
    permission: "see_people";
  };
  /** Who is behind what a channel is given, by id, a page at a time, and as a rule. */
  "GET /api/v1/attribution/people": {
    path: Record<never, never>;
    query: { "touch": string; "by"?: string | undefined; "to"?: string | undefined; "value"?: string | undefined; "within"?: string | undefined; "half_life"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "channel": string; "cursor"?: string | undefined; "limit"?: number | undefined; "rule"?: boolean | undefined; "soon"?: boolean | undefined };
    body: undefined;
    answer: MarkPeople;
    permission: "see_people";
  };
  /** How many people take steps one after the other, and how long it takes them. */
  "GET /api/v1/funnel": {
    path: Record<never, never>;
    query: { "steps": string; "within"?: string | undefined; "order"?: string | undefined; "by"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "estimate"?: boolean | undefined };
    body: undefined;
    answer: SeenFunnel;
    permission: "see_aggregates";
  };
  /** Who took a step of a funnel, or did not go on to it, by id, a page at a time. */
  "GET /api/v1/funnel/people": {
    path: Record<never, never>;
    query: { "steps": string; "within"?: string | undefined; "order"?: string | undefined; "by"?: string | undefined; "value"?: string | undefined; "step"?: number | undefined; "dropped"?: boolean | undefined; "cursor"?: string | undefined; "limit"?: number | undefined; "rule"?: boolean | undefined; "soon"?: boolean | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined };
    body: undefined;
    answer: FunnelPeople;
    permission: "see_people";
  };
  /** Who comes again, and what they pay, by when they came first. */
  "GET /api/v1/cohorts": {
    path: Record<never, never>;
    query: { "event"?: string | undefined; "again"?: string | undefined; "every"?: string | undefined; "revenue"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "estimate"?: boolean | undefined };
    body: undefined;
    answer: SeenCohorts;
    permission: "see_aggregates";
  };
  /** What people do one thing after another, up to an event or from one on, and where they stop. */
  "GET /api/v1/paths": {
    path: Record<never, never>;
    query: { "events"?: string | undefined; "to"?: string | undefined; "from"?: string | undefined; "within"?: string | undefined; "steps"?: number | undefined; "top"?: number | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "estimate"?: boolean | undefined };
    body: undefined;
    answer: SeenPaths;
    permission: "see_aggregates";
  };
  /** Which channels conversions are put down to, by seven models. */
  "GET /api/v1/attribution": {
    path: Record<never, never>;
    query: { "touch": string; "by"?: string | undefined; "to"?: string | undefined; "value"?: string | undefined; "within"?: string | undefined; "half_life"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined; "days"?: number | undefined; "of"?: string | undefined; "purpose"?: string | undefined; "estimate"?: boolean | undefined };
    body: undefined;
    answer: SeenAttribution;
    permission: "see_aggregates";
  };
  /** Every dashboard that the role sees. */
  "GET /api/v1/dashboards": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: DashboardEntry[];
    permission: "see_aggregates";
  };
  /** A dashboard with the figures of all its tiles. */
  "GET /api/v1/dashboards/{name}": {
    path: { "name": string };
    query: { "since"?: string | undefined; "until"?: string | undefined; "of"?: string | undefined; "tile"?: string | undefined; "bare"?: boolean | undefined; "estimate"?: boolean | undefined };
    body: undefined;
    answer: SeenDashboard;
    permission: "see_aggregates";
  };
  /** A dashboard as one HTML page to print, without scripts. */
  "GET /api/v1/dashboards/{name}/report": {
    path: { "name": string };
    query: { "since"?: string | undefined; "until"?: string | undefined; "of"?: string | undefined };
    body: undefined;
    answer: Response;
    permission: "see_aggregates";
  };
  /** Write the order and size of its tiles into the project's file; comments stay. */
  "PUT /api/v1/dashboards/{name}/layout": {
    path: { "name": string };
    query: Record<never, never>;
    body: LayoutAsked;
    answer: LaidOut;
    permission: "edit_definitions";
  };
  /** The last build, and how the live parts stand. */
  "GET /api/v1/state": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: Standing;
    permission: "see_aggregates";
  };
  /** Every feature with how many customers have a value. */
  "GET /api/v1/features": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SeenFeature[];
    permission: "see_aggregates";
  };
  /** One feature: its rule and its spread. */
  "GET /api/v1/features/{name}": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: SeenDistribution;
    permission: "see_aggregates";
  };
  /** Every source, what became of its rows, and how fresh it is. */
  "GET /api/v1/sources": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SourceEntry[];
    permission: "see_aggregates";
  };
  /** Rows and events that could not be taken in, and why. */
  "GET /api/v1/sources/failed": {
    path: Record<never, never>;
    query: { "source"?: string | undefined; "stage"?: string | undefined; "code"?: string | undefined; "after"?: number | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: FailedEntry[];
    permission: "see_people";
  };
  /** Make everything that is stale; answered when it is done. */
  "POST /api/v1/build": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: BuildAsked;
    answer: BuildReport;
    permission: "build";
  };
  /** The latest builds and what each step did. */
  "GET /api/v1/builds": {
    path: Record<never, never>;
    query: { "limit"?: number | undefined };
    body: undefined;
    answer: SeenRun[];
    permission: "see_aggregates";
  };
  /** Begin to make everything that is stale; answered at once. */
  "POST /api/v1/builds": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: BuildAsked;
    answer: Underway;
    permission: "build";
  };
  /** What a build would do now, and why. */
  "GET /api/v1/builds/plan": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: PlannedStep[];
    permission: "see_aggregates";
  };
  /** How far the build is that was begun last. */
  "GET /api/v1/builds/underway": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: Underway;
    permission: "see_aggregates";
  };
  /** What events, customers and items must look like, and which sources fill them. */
  "GET /api/v1/contracts": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: Contract[];
    permission: "see_aggregates";
  };
  /** Where data goes: sources, tables, features, segments, metrics, and what each is made from. */
  "GET /api/v1/lineage": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: Lineage;
    permission: "see_aggregates";
  };
  /** The quality of a source's tables, or of one table. */
  "GET /api/v1/quality": {
    path: Record<never, never>;
    query: { "name": string; "target"?: string | undefined };
    body: undefined;
    answer: (ProfiledTable | SeenTable)[];
    permission: "see_aggregates";
  };
  /** How a column is spread before and after it is prepared for learning. */
  "GET /api/v1/quality/prepared": {
    path: Record<never, never>;
    query: { "name": string; "column": string };
    body: undefined;
    answer: PreparedColumn;
    permission: "see_people";
  };
  /** How many rows wait in the failed lane, by source, stage and reason. */
  "GET /api/v1/sources/failed/counts": {
    path: Record<never, never>;
    query: { "source"?: string | undefined };
    body: undefined;
    answer: FailedCount[];
    permission: "see_people";
  };
  /** Live messages that could not be taken in, and why; what they said stays sealed. */
  "GET /api/v1/sources/failed/live": {
    path: Record<never, never>;
    query: { "source"?: string | undefined; "after"?: number | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: LiveFailure[];
    permission: "see_people";
  };
  /** Take failed live messages in again: mended, or as they came where a contract was corrected since. */
  "POST /api/v1/sources/failed/live/replay": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: LiveReplayAsked;
    answer: LiveReplayed;
    permission: "build";
  };
  /** Hold new values beside failed rows, all or none; the next replay takes them in. */
  "POST /api/v1/sources/failed/mend": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: MendAsked;
    answer: Mended;
    permission: "build";
  };
  /** Take in mended rows, and all of sources whose mapping or contract was corrected. */
  "POST /api/v1/sources/replay": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ReplayReport;
    permission: "build";
  };
  /** Everything known of somebody, as a zip of JSON and CSV; it is audited. */
  "POST /api/v1/customers/{id}/export": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: Response;
    permission: "manage_privacy";
  };
  /** What somebody allows, and everything they said about it. */
  "GET /api/v1/customers/{id}/consents": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: ConsentOverview;
    permission: "manage_privacy";
  };
  /** Put on record what somebody says; it counts in every answer after this one. */
  "POST /api/v1/customers/{id}/consents": {
    path: { "id": string };
    query: Record<never, never>;
    body: ConsentAsked;
    answer: ConsentOverview;
    permission: "manage_privacy";
  };
  /** Erase people for good, everywhere; it cannot be taken back. */
  "POST /api/v1/privacy/erase": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: EraseAsked;
    answer: Erasure;
    permission: "manage_privacy";
  };
  /** Who looked at or changed what about whom, and whether that list can be believed. */
  "GET /api/v1/privacy/audit": {
    path: Record<never, never>;
    query: { "verify"?: boolean | undefined; "subject"?: string | undefined; "since"?: string | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: AuditReport;
    permission: "read_audit";
  };
  /** How long data stays, and what is too old now. */
  "GET /api/v1/privacy/retention": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: RetentionEntry[];
    permission: "manage_privacy";
  };
  /** How everybody stands to every purpose, and what was said in the year before, day by day. */
  "GET /api/v1/privacy/consents": {
    path: Record<never, never>;
    query: { "estimate"?: boolean | undefined };
    body: undefined;
    answer: ConsentFigures;
    permission: "manage_privacy";
  };
  /** What people asked for, whether it is done and how that is known, and whom their data was given to. */
  "GET /api/v1/privacy/requests": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: PrivacyRequests;
    permission: "manage_privacy";
  };
  /** Every table that is kept, and what each of its columns says of people. */
  "GET /api/v1/privacy/catalogue": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: KeptTable[];
    permission: "manage_privacy";
  };
  /** The audit log, the newest first, a page at a time. */
  "GET /api/v1/privacy/audit/entries": {
    path: Record<never, never>;
    query: { "cursor"?: number | undefined; "limit"?: number | undefined; "action"?: string | undefined; "subject"?: string | undefined; "actor"?: string | undefined; "since"?: string | undefined; "until"?: string | undefined };
    body: undefined;
    answer: AuditPage;
    permission: "read_audit";
  };
  /** Who may sign in, and as what. */
  "GET /api/v1/settings/users": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: User[];
    permission: "manage_users";
  };
  /** Let somebody sign in. */
  "POST /api/v1/settings/users": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: UserAdded;
    answer: User;
    permission: "manage_users";
  };
  /** Another role or password, or kept out for now. */
  "PATCH /api/v1/settings/users/{name}": {
    path: { "name": string };
    query: Record<never, never>;
    body: UserChanged;
    answer: User;
    permission: "manage_users";
  };
  /** Let somebody sign in no longer. */
  "DELETE /api/v1/settings/users/{name}": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: Removed;
    permission: "manage_users";
  };
  /** Who is signed in. */
  "GET /api/v1/settings/sessions": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SessionListed[];
    permission: "manage_users";
  };
  /** Sign somebody out. */
  "DELETE /api/v1/settings/sessions/{id}": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: Removed;
    permission: "manage_users";
  };
  /** What each role may do here. */
  "GET /api/v1/settings/roles": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: RoleSeen[];
    permission: "see_aggregates";
  };
  /** What the settings of the project say. */
  "GET /api/v1/settings/project": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ProjectSettings;
    permission: "see_aggregates";
  };
  /** The API keys, without their secrets. */
  "GET /api/v1/settings/keys": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: KeyListed[];
    permission: "manage_users";
  };
  /** A new API key, whose secret is shown this once. */
  "POST /api/v1/settings/keys": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: KeyAsked;
    answer: NewKey;
    permission: "manage_users";
  };
  /** Refuse a key from now on. */
  "DELETE /api/v1/settings/keys/{id}": {
    path: { "id": string };
    query: Record<never, never>;
    body: undefined;
    answer: KeyListed;
    permission: "manage_users";
  };
  /** Every channel, and how it is doing. */
  "GET /api/v1/channels": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ChannelEntry[];
    permission: "see_people";
  };
  /** What became of each delivery; it names nobody. */
  "GET /api/v1/channels/deliveries": {
    path: Record<never, never>;
    query: { "channel"?: string | undefined; "state"?: string | undefined; "limit"?: number | undefined };
    body: undefined;
    answer: DeliveryEntry[];
    permission: "see_people";
  };
  /** Send a signed message about nobody, once, and say what the receiver answered. */
  "POST /api/v1/channels/{name}/test": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: ChannelTested;
    permission: "edit_definitions";
  };
  /** Put a channel on again that was put off. */
  "POST /api/v1/channels/{name}/enable": {
    path: { "name": string };
    query: Record<never, never>;
    body: undefined;
    answer: Enabled;
    permission: "edit_definitions";
  };
  /** A secret for a channel, which is shown this once. */
  "POST /api/v1/channels/{name}/secret": {
    path: { "name": string };
    query: { "rotate"?: boolean | undefined };
    body: undefined;
    answer: SecretMade;
    permission: "manage_users";
  };
  /** Who enters and leaves segments, as it happens. */
  "GET /api/v1/changes": {
    path: Record<never, never>;
    query: { "after"?: number | undefined; "segment"?: string | undefined };
    body: undefined;
    answer: Response;
    permission: "see_aggregates";
  };
  /** A command of the terminal, for whoever has the token of this machine. */
  "POST /api/v1/command": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: CommandAsked;
    answer: CommandDone;
    permission: "manage_users";
  };
}
