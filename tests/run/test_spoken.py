"""What sources say that people said about purposes, by record."""

from datetime import UTC, datetime

import pyarrow as pa

from habitue.govern.consent import ConsentState
from habitue.govern.spec import LegalBasis
from habitue.run.spoken import Spoken

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST, FIRST, NONE = "c7fffffffffffffff", "c8000000000000000", "c00000000000000ff"


def row(record: str, purpose: str, state: str | None, given: bool | None, **more: object) -> dict[str, object]:
    """A row of the table of what sources say about consents."""
    said = {"record_id": record, "purpose": purpose, "state": state, "given": given, "basis": None, "region": None}
    return {**said, "occurred_at": AT.replace(tzinfo=None), **more}


def test_entries_are_found_by_record_and_read_as_a_build_reads_them() -> None:
    rows = [
        row(LAST, "news", None, True),
        row(FIRST, "news", "objected", None),
        row(LAST, "ads", None, False, region="gb"),
        row(LAST, "", "restricted", None),
        row(FIRST, "news", "given", True, basis="contract"),
        row(FIRST, "news", "whatever", True),
        row(FIRST, "news", "given", True, occurred_at=None),
        row("nobody", "news", None, True),
    ]
    types = dict.fromkeys(("record_id", "purpose", "state", "basis", "region"), pa.string())
    schema = pa.schema([*types.items(), ("given", pa.bool_()), ("occurred_at", pa.timestamp("us"))])
    spoken = Spoken(pa.Table.from_pylist(rows, schema=schema))
    last = list(spoken([NONE, LAST, "nobody"]))
    assert [(each.record_id, each.purpose, each.state, each.region) for each in last] == [
        (LAST, "news", ConsentState.GIVEN, ""),
        (LAST, "ads", ConsentState.WITHDRAWN, "gb"),
        (LAST, "", ConsentState.RESTRICTED, ""),
    ]
    assert {each.occurred_at for each in last} == {AT}
    assert [(each.state, each.basis) for each in spoken([FIRST])] == [
        (ConsentState.OBJECTED, LegalBasis.CONSENT),
        (ConsentState.GIVEN, LegalBasis.CONTRACT),
    ]
    assert list(Spoken()([LAST])) == []
