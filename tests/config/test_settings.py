"""`habitue.yaml` becomes the settings of the project, or every fault of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from habitue.config import SessionSettings, Settings, read_settings
from habitue.config.settings import SizeError, parse_size
from habitue.errors import Fault

FULL = """\
name: shop
noun: guest
time_zone: Europe/London        # IANA
currency: GBP
as_of: 2011-12-09T12:50:00+01:00
session: {gap: 1h30m, events: [Page Viewed, Product Viewed]}
memory: 2GB
"""


def read(folder: Path, text: str) -> tuple[Settings | None, list[Fault]]:
    (folder / "habitue.yaml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_everything_said_is_taken(tmp_path: Path) -> None:
    settings, faults = read(tmp_path, FULL)
    assert faults == []
    assert settings == Settings(
        name="shop",
        noun="guest",
        time_zone="Europe/London",
        currency="GBP",
        as_of=datetime(2011, 12, 9, 11, 50, tzinfo=UTC),
        session=SessionSettings(gap_us=5_400_000_000, events=("Page Viewed", "Product Viewed")),
        memory=2_000_000_000,
    )
    assert settings.zone == ZoneInfo("Europe/London")
    assert settings.session.gap == timedelta(minutes=90)


def test_a_name_is_enough(tmp_path: Path) -> None:
    settings, faults = read(tmp_path, "name: shop\n")
    assert faults == []
    assert settings == Settings(name="shop")
    assert (settings.noun, settings.time_zone, settings.as_of, settings.memory) == (
        "customer",
        "UTC",
        "newest_event",
        None,
    )
    assert settings.session == SessionSettings(gap_us=1_800_000_000, events=())


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("time_zone: Europe/Lodnon", "TIME-ZONE", "'Europe/London'"),
        ("time_zone: ../../etc/passwd", "TIME-ZONE", "IANA"),
        ("time_zone: Europe", "TIME-ZONE", "Europe/"),
        ("time_zone: ''", "TIME-ZONE", "IANA"),
        ("currency: EURO", "CURRENCY", "EUR"),
        ("currency: gbp", "CURRENCY", "GBP"),
        ("as_of: yesterday", "AS-OF", "newest_event"),
        ("as_of: 2011-12-09T12:50:00", "AS-OF", "offset"),
        ("as_of: 2011-12-09", "AS-OF", "offset"),
        ("memory: 2 gigs", "SIZE", "2GB"),
        ("memory: 1MB", "SIZE", "512MB"),
        ("session: {gap: 30 minutes}", "DURATION", "90m"),
        ("session: {gap: 0s}", "FIELD-VALUE", "Change"),
        ("session: {gap: 30m, event: [A]}", "FIELD-UNKNOWN", "'events'"),
        ("session: {events: [1]}", "FIELD-TYPE", "quotes"),
        ("timezone: UTC", "FIELD-UNKNOWN", "'time_zone'"),
        ("noun: ''", "FIELD-VALUE", "Change"),
    ],
)
def test_a_wrong_setting_is_a_fault_at_its_line(tmp_path: Path, line: str, code: str, hint: str) -> None:
    settings, faults = read(tmp_path, f"name: shop\n{line}\n")
    assert settings is None
    assert [(fault.file, fault.line, fault.code) for fault in faults] == [("habitue.yaml", 2, code)]
    assert hint in faults[0].do


def test_all_wrong_settings_are_reported_at_once(tmp_path: Path) -> None:
    _, faults = read(tmp_path, "time_zone: Mars\ncurrency: EURO\ncolour: red\n")
    assert [(fault.line, fault.code) for fault in faults] == [
        (1, "FIELD-MISSING"),
        (1, "TIME-ZONE"),
        (2, "CURRENCY"),
        (3, "FIELD-UNKNOWN"),
    ]


def test_no_document_and_two_documents_are_faults(tmp_path: Path) -> None:
    assert [(f.line, f.code) for f in read(tmp_path, "# empty\n")[1]] == [(0, "SETTINGS")]
    assert [(f.line, f.code) for f in read(tmp_path, "name: a\n---\nname: b\n")[1]] == [(3, "SETTINGS")]


def test_a_folder_without_settings_is_a_fault(tmp_path: Path) -> None:
    assert [fault.code for fault in read_settings(tmp_path)[1]] == ["FILE-UNREADABLE"]


@pytest.mark.parametrize(
    ("text", "size"),
    [("64MiB", 1 << 26), ("2GB", 2 * 10**9), ("1.5GiB", 3 << 29), ("0.25 TB", 25 * 10**10), ("70000KB", 7 * 10**7)],
)
def test_amounts_of_memory_are_exact(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2", "2G", "-2GB", "2gb", "1e3GB", "63MiB", "50%"])
def test_other_amounts_of_memory_are_refused(text: str) -> None:
    with pytest.raises(SizeError):
        parse_size(text)


def test_a_schedule_is_a_length_of_time_or_never(tmp_path: Path) -> None:
    (tmp_path / "habitue.yaml").write_text("name: shop\nschedule: {build: 15m, retention: never}\n", encoding="utf-8")
    settings, faults = read_settings(tmp_path)
    assert not faults
    assert settings is not None
    assert (settings.schedule.build_us, settings.schedule.retention_us) == (900_000_000, None)


def test_builds_follow_each_other_by_a_minute_at_least(tmp_path: Path) -> None:
    (tmp_path / "habitue.yaml").write_text("name: shop\nschedule: {build: 10s}\n", encoding="utf-8")
    settings, faults = read_settings(tmp_path)
    assert settings is None
    assert [(fault.line, "a minute at least" in fault.what) for fault in faults] == [(2, True)]
