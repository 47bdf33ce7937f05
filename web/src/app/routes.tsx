/** Every page: where it is, who sees it, and the file that holds it, loaded when it is opened. */

import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import type { IconName } from "../parts/Icon";
import type { Permission } from "./session";

export interface PageRoute {
  /** With `:names` of what varies. */
  path: string;
  page: LazyExoticComponent<ComponentType>;
  /** What it asks for; the server asks again. */
  needs: Permission | null;
}

export interface NavItem {
  to: string;
  label: string;
  icon: IconName;
  needs: Permission | null;
  /** The letter after `g`. */
  key: string;
  /** The label is the project's word for people. */
  isPeople?: boolean;
}

const sees: Permission = "see_aggregates";

export const ROUTES: readonly PageRoute[] = [
  { path: "/", needs: sees, page: lazy(() => import("../pages/overview/OverviewPage")) },
  { path: "/segments", needs: sees, page: lazy(() => import("../pages/segments/SegmentsPage")) },
  { path: "/segments/new", needs: "edit_definitions", page: lazy(() => import("../pages/segments/BuilderPage")) },
  { path: "/segments/:name/edit", needs: "edit_definitions", page: lazy(() => import("../pages/segments/BuilderPage")) },
  { path: "/segments/:name", needs: sees, page: lazy(() => import("../pages/segments/SegmentPage")) },
  { path: "/customers", needs: "see_people", page: lazy(() => import("../pages/customers/CustomersPage")) },
  { path: "/customers/:id", needs: "see_people", page: lazy(() => import("../pages/customers/CustomerPage")) },
  { path: "/measures", needs: sees, page: lazy(() => import("../pages/measures/MeasuresPage")) },
  { path: "/measures/:metric", needs: sees, page: lazy(() => import("../pages/measures/MeasuresPage")) },
  { path: "/funnels", needs: sees, page: lazy(() => import("../pages/measures/FunnelsPage")) },
  { path: "/cohorts", needs: sees, page: lazy(() => import("../pages/measures/CohortsPage")) },
  { path: "/paths", needs: sees, page: lazy(() => import("../pages/measures/PathsPage")) },
  { path: "/attribution", needs: sees, page: lazy(() => import("../pages/measures/AttributionPage")) },
  { path: "/anomalies", needs: sees, page: lazy(() => import("../pages/measures/AnomaliesPage")) },
  { path: "/dashboards", needs: sees, page: lazy(() => import("../pages/dashboards/DashboardsPage")) },
  { path: "/dashboards/:name", needs: sees, page: lazy(() => import("../pages/dashboards/DashboardPage")) },
  { path: "/data", needs: sees, page: lazy(() => import("../pages/data/DataPage")) },
  { path: "/privacy", needs: "manage_privacy", page: lazy(() => import("../pages/privacy/PrivacyPage")) },
  { path: "/settings", needs: null, page: lazy(() => import("../pages/settings/SettingsPage")) },
];

export const SIGN_IN = lazy(() => import("../pages/sign-in/SignInPage"));

/** The navigation, in groups. */
export const NAVIGATION: readonly { label: string; items: readonly NavItem[] }[] = [
  {
    label: "",
    items: [
      { to: "/", label: "Overview", icon: "home", needs: sees, key: "o" },
      { to: "/segments", label: "Segments", icon: "segments", needs: sees, key: "s" },
      { to: "/customers", label: "Customers", icon: "people", needs: "see_people", key: "c", isPeople: true },
    ],
  },
  {
    label: "Measures",
    items: [
      { to: "/measures", label: "Metrics", icon: "line", needs: sees, key: "m" },
      { to: "/funnels", label: "Funnels", icon: "funnel", needs: sees, key: "f" },
      { to: "/cohorts", label: "Cohorts", icon: "cohorts", needs: sees, key: "h" },
      { to: "/paths", label: "Paths", icon: "paths", needs: sees, key: "p" },
      { to: "/attribution", label: "Attribution", icon: "share", needs: sees, key: "t" },
      { to: "/anomalies", label: "Anomalies", icon: "alert", needs: sees, key: "a" },
      { to: "/dashboards", label: "Dashboards", icon: "dashboard", needs: sees, key: "b" },
    ],
  },
  {
    label: "Behind it",
    items: [
      { to: "/data", label: "Data", icon: "data", needs: sees, key: "d" },
      { to: "/privacy", label: "Privacy", icon: "privacy", needs: "manage_privacy", key: "y" },
      { to: "/settings", label: "Settings", icon: "settings", needs: null, key: "x" },
    ],
  },
];
