"""Those whom estimates look at, all kept in memory at once."""

from habitue.run import drawn_customers
from habitue.run.workspace import Workspace


def keep_nearby(workspace: Workspace) -> None:
    """Keep them, table after table."""
    while drawn_customers.keep_nearby(workspace):
        pass
