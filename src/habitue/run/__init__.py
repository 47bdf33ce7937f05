"""The batch conductor: reads a project, builds it, and answers for it."""

from habitue.run.building import BuildOrder, BuildReport
from habitue.run.project import Project, check_project, read_project
from habitue.run.workspace import NotBuiltError, Workspace

__all__ = [
    "BuildOrder",
    "BuildReport",
    "NotBuiltError",
    "Project",
    "Workspace",
    "check_project",
    "read_project",
]
