"""Every route that reads and changes a project, and what an app needs for them."""

from starlette.applications import Starlette

from habitue.server.api_builder import builder_routes
from habitue.server.api_builds import build_routes
from habitue.server.api_channels import channel_routes
from habitue.server.api_customer_pages import customer_page_routes
from habitue.server.api_customers import customer_routes
from habitue.server.api_dashboards import dashboard_routes
from habitue.server.api_data import data_routes
from habitue.server.api_explorer import explorer_routes
from habitue.server.api_funnels import funnel_routes
from habitue.server.api_keys import key_routes
from habitue.server.api_marks import mark_routes
from habitue.server.api_measure import measure_routes
from habitue.server.api_privacy import privacy_routes
from habitue.server.api_privacy_views import privacy_view_routes
from habitue.server.api_project import project_routes
from habitue.server.api_provider import provider_routes
from habitue.server.api_publishing import publishing_routes
from habitue.server.api_segments import segment_routes
from habitue.server.api_session import session_routes
from habitue.server.api_settings import settings_routes
from habitue.server.asking import Desk
from habitue.server.changes import Changes
from habitue.server.changes_stream import change_routes
from habitue.server.commands import Commands, command_routes
from habitue.server.openapi import document_routes
from habitue.server.openid import Provider
from habitue.server.reception import Reception
from habitue.server.routing import DeclaredRoute


def api_routes() -> tuple[DeclaredRoute, ...]:
    """The routes under `/api/v1`, `/openapi.json` and `/docs`; `furnish` gives an app what they need."""
    return (
        *session_routes(),
        *provider_routes(),
        *customer_routes(),
        *customer_page_routes(),
        *builder_routes(),
        *publishing_routes(),
        *segment_routes(),
        *explorer_routes(),
        *measure_routes(),
        *mark_routes(),
        *funnel_routes(),
        *dashboard_routes(),
        *project_routes(),
        *build_routes(),
        *data_routes(),
        *privacy_routes(),
        *privacy_view_routes(),
        *settings_routes(),
        *key_routes(),
        *channel_routes(),
        *change_routes(),
        *command_routes(),
        *document_routes(),
    )


def furnish(
    app: Starlette,
    desk: Desk,
    reception: Reception,
    provider: Provider,
    changes: Changes | None = None,
    commands: Commands | None = None,
) -> None:
    """Give an app with these routes what they need, besides its gate.

    Args:
        app: The app.
        desk: Where requests find the project.
        reception: Where people are let in.
        provider: Who vouches for them, where the project says so.
        changes: Who enters and leaves; None where nothing is live.
        commands: The commands of the terminal; None where it may not ask.
    """
    app.state.desk = desk
    app.state.reception = reception
    app.state.provider = provider
    app.state.changes = changes
    app.state.commands = commands
