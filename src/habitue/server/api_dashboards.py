"""Routes about dashboards: the list, one with all its figures, and its layout."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.records.permissions import Permission
from habitue.run.dashboard_layout import LaidOut, LayoutWish, TilePlace, lay_out
from habitue.run.dashboards import DashboardAsked, DashboardEntry, SeenDashboard, view_dashboard, view_dashboards
from habitue.run.heeding import dashboard_heeds
from habitue.run.reporting import report_page, report_policy
from habitue.server.api_measure import LONGEST_RULE
from habitue.server.asking import (
    ESTIMATE,
    answered,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    figured,
    instant,
    json_answer,
    text,
    written,
    yes,
)
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route

_GROUP: Final = "Dashboards"
_LONG_S: Final = 60.0
"""A report reckons every tile."""
_ASKED: Final = (
    Parameter(name="since", about="From when on, in place of each tile's own period, ISO 8601."),
    Parameter(name="until", about="Up to, and without; left out: all that was built."),
    Parameter(name="of", about="A rule: only people for whom it holds as of the last build."),
    Parameter(name="tile", about="Only this tile."),
    Parameter(name="bare", about="The tiles without their figures, which is at once.", kind="boolean"),
)


class TileAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tile as it is to stand: its name, and its size in columns and rows."""

    tile: str
    width: int
    height: int


class LayoutAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A layout: how many columns, and the tiles in reading order; those not named are taken out."""

    columns: int
    tiles: list[TileAsked]


def dashboard_routes() -> Iterator[DeclaredRoute]:
    """Every route about dashboards."""
    yield route(
        "/api/v1/dashboards",
        _list,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_dashboards",
        summary="Every dashboard that the role sees.",
        described=Described(answer=list[DashboardEntry], group=_GROUP),
    )
    yield route(
        "/api/v1/dashboards/{name}",
        _show,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="show_dashboard",
        summary="A dashboard with the figures of all its tiles.",
        described=Described(parameters=(*_ASKED, ESTIMATE), answer=SeenDashboard, group=_GROUP),
    )
    yield route(
        "/api/v1/dashboards/{name}/report",
        _report,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="print_dashboard",
        summary="A dashboard as one HTML page to print, without scripts.",
        described=Described(parameters=_ASKED[:3], group=_GROUP, media="text/html"),
    )
    yield route(
        "/api/v1/dashboards/{name}/layout",
        _lay_out,
        methods=["PUT"],
        permission=Permission.EDIT_DEFINITIONS,
        name="lay_out_dashboard",
        summary="Write the order and size of its tiles into the project's file; comments stay.",
        described=Described(body=LayoutAsked, answer=LaidOut, group=_GROUP),
    )


async def _list(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, view_dashboards)


async def _show(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=200)
    asked = DashboardAsked(
        since=instant(request, "since"),
        until=instant(request, "until"),
        of=text(request, "of", most=LONGEST_RULE) or "",
        only=text(request, "tile", most=200) or "",
        bare=yes(request, "bare"),
    )
    return await figured(
        request,
        lambda workspace, access: view_dashboard(workspace, access, name, asked),
        first=lambda workspace, access: view_dashboard(workspace, access, name, replace(asked, estimate=True)),
        heeds=dashboard_heeds(desk_of(request).readers.watch.last, name, asked.only, asked.of),
    )


async def _report(request: Request) -> Response:
    check_parameters(request)
    name, access = check_text("name", request.path_params["name"], most=200), access_of(request)
    of = text(request, "of", most=LONGEST_RULE) or ""
    asked = DashboardAsked(since=instant(request, "since"), until=instant(request, "until"), of=of)
    readers = desk_of(request).readers
    page = await readers.read(lambda workspace: report_page(workspace, access, name, asked), seconds=_LONG_S)
    headers = {"Content-Security-Policy": report_policy(), "Cache-Control": "no-store"}
    return Response(page, media_type="text/html", headers=headers)


async def _lay_out(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=200)
    body, access = await decoded(request, LayoutAsked), access_of(request)
    places = tuple(TilePlace(tile=each.tile, width=each.width, height=each.height) for each in body.tiles)
    wish = LayoutWish(columns=body.columns, tiles=places)
    work = desk_of(request).owner.submit(lambda workspace: written(lay_out(workspace, access, name, wish)))
    # Whoever asked may go away: what was begun is done.
    return json_answer(await asyncio.shield(asyncio.wrap_future(work)))
