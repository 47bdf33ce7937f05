"""Published schemas accept what the models accept, and editors find them."""

import json
from pathlib import Path

from habitue.config import Declared, publish_schemas, schema_comment, schema_of
from habitue.config.settings import SettingsFile


class Segment(Declared):
    """People who have something in common."""

    segment: str
    rule: str
    label: str | None = None


def test_a_schema_names_the_fields_and_refuses_others() -> None:
    schema = json.loads(schema_of(Segment))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Segment"
    assert schema["required"] == ["segment", "rule"]
    assert schema["additionalProperties"] is False


def test_schemas_lie_where_generated_files_point(tmp_path: Path) -> None:
    paths = publish_schemas(tmp_path, {"segments": Segment})
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        ".habitue/schemas/habitue.schema.json",
        ".habitue/schemas/segments.json",
    ]
    for file in ("habitue.yaml", "segments/loyal.yaml"):
        pointed = schema_comment(file).partition("$schema=")[2]
        assert ((tmp_path / file).parent / pointed).resolve().is_file()
    assert paths[0].read_text(encoding="utf-8") == schema_of(SettingsFile)


def test_schemas_that_have_not_changed_stay_untouched(tmp_path: Path) -> None:
    first = [path.stat().st_ino for path in publish_schemas(tmp_path, {"segments": Segment})]
    (tmp_path / ".habitue/schemas/habitue.schema.json").write_text("{}", encoding="utf-8")
    again = publish_schemas(tmp_path, {"segments": Segment})
    assert again[1].stat().st_ino == first[1]
    assert json.loads(again[0].read_text(encoding="utf-8"))["properties"]["time_zone"]


def test_every_setting_is_described_for_editors() -> None:
    schema = json.loads(schema_of(SettingsFile))
    described = {**schema["properties"], **schema["$defs"]["SessionFile"]["properties"]}
    assert [name for name, said in described.items() if not said.get("description") and "$ref" not in said] == []
    assert schema["$defs"]["SessionFile"]["description"] == "What a visit is made of."
