"""JSON Schemas of the project files, so that editors complete and check them while people type."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pydantic import BaseModel

from habitue.config.folder import STATE_FOLDER, state_folder
from habitue.config.settings import SettingsFile
from habitue.config.writing import write_text

SCHEMA_FOLDER = "schemas"
SETTINGS_SCHEMA = "habitue.schema.json"


def schema_of(model: type[BaseModel]) -> str:
    """The JSON Schema (2020-12) of what a document of this model may hold, as text that ends with a line break."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def publish_schemas(project: Path, models: Mapping[str, type[BaseModel]]) -> list[Path]:
    """Write the schema of every kind, and of `habitue.yaml`, into `.habitue/schemas`; unchanged files stay untouched.

    Args:
        project: The project folder.
        models: What a document of each kind has to be, e.g. `{"segments": SegmentFile}`.

    Returns:
        The schema files, `habitue.schema.json` first.
    """
    folder = state_folder(project) / SCHEMA_FOLDER
    named: list[tuple[str, type[BaseModel]]] = [(SETTINGS_SCHEMA, SettingsFile)]
    named += [(f"{kind}.json", model) for kind, model in sorted(models.items())]
    paths = []
    for name, model in named:
        path, text = folder / name, schema_of(model)
        if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
            write_text(path, text)
        paths.append(path)
    return paths


def schema_comment(file: str) -> str:
    """The first line of a generated project file, by which editors find its schema.

    Args:
        file: The file's path relative to the project folder, with forward slashes.

    Examples:
        >>> schema_comment("segments/loyal.yaml")
        '# yaml-language-server: $schema=../.habitue/schemas/segments.json'
        >>> schema_comment("habitue.yaml")
        '# yaml-language-server: $schema=.habitue/schemas/habitue.schema.json'
    """
    parts = PurePosixPath(file).parts
    name = SETTINGS_SCHEMA if len(parts) == 1 else f"{parts[0]}.json"
    up = "../" * (len(parts) - 1)
    return f"# yaml-language-server: $schema={up}{STATE_FOLDER}/{SCHEMA_FOLDER}/{name}"
