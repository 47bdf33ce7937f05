"""The project folder: finding it, reading it whole with every fault, and writing it for people."""

from habitue.config.authoring import UnwritableError, render, write_document
from habitue.config.documents import Declared, Document, read_documents, read_kinds
from habitue.config.folder import PROJECT_FILE, STATE_FOLDER, ProjectNotFoundError, find_project, state_folder
from habitue.config.schemas import publish_schemas, schema_comment, schema_of
from habitue.config.settings import SessionSettings, Settings, check_currency, check_time_zone, read_settings
from habitue.config.writing import DiskError, DiskFullError, MisplacedError, NotWritableError, sync, write_text, writing

__all__ = [
    "PROJECT_FILE",
    "STATE_FOLDER",
    "Declared",
    "DiskError",
    "DiskFullError",
    "Document",
    "MisplacedError",
    "NotWritableError",
    "ProjectNotFoundError",
    "SessionSettings",
    "Settings",
    "UnwritableError",
    "check_currency",
    "check_time_zone",
    "find_project",
    "publish_schemas",
    "read_documents",
    "read_kinds",
    "read_settings",
    "render",
    "schema_comment",
    "schema_of",
    "state_folder",
    "sync",
    "write_document",
    "write_text",
    "writing",
]
