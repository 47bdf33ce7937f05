"""The templates that ship, and whether they fit the sample."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from habitue.config import read_documents, read_settings
from habitue.features.spec import FeatureSpec
from habitue.features.visits import SESSION_SHAPE
from habitue.rules import Catalogue, Definition, EventShape, check, check_condition, read
from habitue.samples import TemplateTargetError, TemplateUnknownError, copy_template, template_names
from habitue.segments.spec import SegmentSpec
from habitue.sources.project import read_source_files
from tests.samples.conftest import Sample

IDENTIFIERS = {"first_name", "last_name", "email", "phone", "birth_date", "street", "postcode", "loyalty_card"}


def test_templates_are_the_folders_with_a_project_in_them() -> None:
    assert "retail" in template_names()
    assert "start" not in template_names()


def test_an_unknown_template_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(TemplateUnknownError, match="retail"):
        copy_template("retial", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_project_is_not_overwritten(tmp_path: Path) -> None:
    copy_template("retail", tmp_path / "shop")
    (tmp_path / "shop" / "habitue.yaml").write_text("name: mine\n")
    with pytest.raises(TemplateTargetError):
        copy_template("retail", tmp_path / "shop")
    assert (tmp_path / "shop" / "habitue.yaml").read_text() == "name: mine\n"


def test_every_file_of_the_template_is_copied(tmp_path: Path) -> None:
    written = copy_template("retail", tmp_path)
    assert Path("sources/orders.yaml") in written
    assert sorted(written) == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))


def test_the_retail_project_has_no_faults_and_its_rules_fit(tmp_path: Path) -> None:
    copy_template("retail", tmp_path)
    settings, faults = read_settings(tmp_path)
    assert settings is not None
    project, more = read_source_files(tmp_path, settings)
    features, wrong = read_documents(tmp_path, "features", FeatureSpec)
    segments, bad = read_documents(tmp_path, "segments", SegmentSpec)
    assert [*faults, *more, *wrong, *bad] == []
    catalogue = Catalogue(
        zone=ZoneInfo(settings.time_zone),
        events={
            "Session": SESSION_SHAPE,
            **{
                shape.event: EventShape(name=shape.event, properties={each.name: each.kind for each in shape.columns})
                for shape in project.tables.values()
                if shape.event
            },
        },
        traits={each.name: each.kind for each in project.tables["customers"].columns},
        features={d.value.feature: Definition(name=d.value.feature, rule=read(d.value.rule)) for d in features},
        segments={d.value.segment: Definition(name=d.value.segment, rule=read(d.value.rule)) for d in segments},
        purposes=frozenset({"marketing_email", "marketing_sms", "personalisation", "analytics"}),
    )
    for feature in catalogue.features.values():
        check(feature.rule, catalogue)
    for segment in catalogue.segments.values():
        check_condition(segment.rule, catalogue)
    assert len(features) >= 15
    assert len(segments) >= 12
    assert {document.value.purpose for document in segments} >= {"", "marketing_email", "personalisation"}
    assert all(document.value.label and document.value.description for document in segments)


def test_identifiers_are_marked_personal(tmp_path: Path) -> None:
    copy_template("retail", tmp_path)
    settings, _ = read_settings(tmp_path)
    assert settings is not None
    project, _ = read_source_files(tmp_path, settings)
    marked = {each.name for each in project.tables["customers"].columns if each.personal}
    assert marked == IDENTIFIERS


def test_the_sources_name_columns_that_the_sample_has(sample: Sample, tmp_path: Path) -> None:
    copy_template("retail", tmp_path)
    settings, _ = read_settings(tmp_path)
    assert settings is not None
    project, _ = read_source_files(tmp_path, settings)
    for plan in project.sources:
        (path,) = plan.spec.patterns
        named = {raw for raw, _ in plan.columns.values()}
        if path.endswith(".csv"):
            assert named <= set(sample.table(path)[0]), path
        else:
            assert named <= {name for each in sample.objects(path) for name in each}, path
