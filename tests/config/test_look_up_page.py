"""The look-up page of project files: its examples are a sound project, and it leaves no field out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from habitue.config.settings import SettingsFile
from habitue.run.project import KINDS, check_project

PAGE = (Path(__file__).parents[2] / "docs" / "look-up" / "project-files.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```yaml\n# (\S+\.yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_together_are_a_sound_project(tmp_path: Path) -> None:
    for file, text in EXAMPLE.findall(PAGE):
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project, faults = check_project(tmp_path)
    assert [str(fault) for fault in faults] == []
    assert project is not None
    assert list(project.segments) == ["high_value_loyalist"]


def fields_of(model: type[BaseModel]) -> Iterator[str]:
    """Every name that a document of the model, or a part of it, may have."""
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


@pytest.mark.parametrize("model", [SettingsFile, *KINDS.values()])
def test_every_field_has_its_place_on_the_page(model: type[BaseModel]) -> None:
    written = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]+`", PAGE))))
    assert sorted(set(fields_of(model)) - written) == []


def test_every_kind_has_its_heading() -> None:
    headings = re.findall(r"^## (\S+)$", PAGE, re.MULTILINE)
    assert headings == ["habitue.yaml", *KINDS]
