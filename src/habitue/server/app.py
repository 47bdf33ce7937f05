"""The app: every route of the server, and what surrounds them."""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from habitue.server.collect import Collector, segment_routes
from habitue.server.collect_pixel import pixel_routes
from habitue.server.collect_posthog import posthog_routes
from habitue.server.doors import Doors
from habitue.server.operate import operate_routes
from habitue.server.problems import exception_handlers
from habitue.server.surface import Surface


def build_app(doors: Doors) -> Starlette:
    """The app of a server.

    Args:
        doors: What its routes need; figures are added to those it has.
    """
    collector = Collector(doors)
    doors.figures.watch(collector.gauges())
    app = Starlette(
        routes=[
            *segment_routes(collector),
            *posthog_routes(collector),
            *pixel_routes(collector),
            *operate_routes(doors),
            *doors.routes,
        ],
        middleware=[Middleware(Surface, figures=doors.figures, teller=doors.teller, random=doors.random)],
        exception_handlers=exception_handlers(),
    )
    # A path means one thing, written one way.
    app.router.redirect_slashes = False
    app.state.gate = doors.gate
    return app
