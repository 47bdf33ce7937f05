"""`habitue measure report`: a dashboard as one page to print, made without a browser."""

from pathlib import Path
from typing import TYPE_CHECKING

from habitue.cli.printing import print_json, remark, say

if TYPE_CHECKING:
    from habitue.govern.roles import Access
    from habitue.run.dashboards import DashboardAsked
    from habitue.run.workspace import Workspace

REPORT = "report"
"""In place of a metric's name."""


def print_report(
    workspace: "Workspace",
    access: "Access",
    asked: "DashboardAsked",
    *,
    dashboard: str,
    to: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a dashboard as HTML into a file, or to standard output.

    Raises:
        HabitueError: There is no such dashboard, or the role may not see it.
    """
    from habitue.config import write_text
    from habitue.run.dashboards import DashboardUnknownError, view_dashboards
    from habitue.run.reporting import report_page

    names = [each.dashboard for each in view_dashboards(workspace, access)]
    if not names:
        raise DashboardUnknownError(dashboard or REPORT, names)
    name = dashboard or names[0]
    page = report_page(workspace, access, name, asked)
    if to is None:
        if as_json:
            print_json({"dashboard": name, "html": page})
        else:
            say(page.rstrip("\n"))
        return
    write_text(to, page)
    if as_json:
        print_json({"dashboard": name, "file": str(to)})
    else:
        say(f"{to}: {name}, ready to be printed.")
        remark("Open it in any browser; it needs no script and nothing from outside.", quiet=quiet)
