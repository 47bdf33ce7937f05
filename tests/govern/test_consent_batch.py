"""The batch reading of consent tells of everybody what going through their entries one by one tells."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from habitue.engines.warehouse import Warehouse
from habitue.govern import consent_batch
from habitue.govern.consent import ConsentEntry, ConsentState, Strength, kind_of
from habitue.govern.consent_batch import SAID, effective_rows, kind_expression, restricted_people
from habitue.govern.spec import LegalBasis
from tests.govern.consent_histories import NOON, PURPOSES, crowd
from tests.govern.consent_oracle import has_basis, is_restricted

PEOPLE = crowd(1500, seed=3)
INSTANTS = [NOON - timedelta(hours=hours) for hours in range(5)]


def said_by(people: list[list[ConsentEntry]]) -> pa.Table:
    """What everybody said, as the batch reading takes it."""
    rows = [
        {
            "customer_id": f"c{number}",
            "purpose": entry.purpose,
            "kind": entry.state.value
            if entry.state.is_about_all
            else kind_of(entry.state, entry.strength, entry.basis),
            "region": entry.region,
            "occurred_at": entry.occurred_at.astimezone(UTC).replace(tzinfo=None),
        }
        for number, history in enumerate(people)
        for entry in history
    ]
    return pa.Table.from_pylist(rows, schema=SAID.to_pyarrow())


def answered(
    warehouse: Warehouse, people: list[list[ConsentEntry]]
) -> dict[tuple[str, str], list[tuple[datetime, bool]]]:
    """The rows of the batch reading by customer and purpose, in the order of their instants."""
    warehouse.replace_rows("said", said_by(people))
    found: dict[tuple[str, str], list[tuple[datetime, bool]]] = {}
    for row in warehouse.fetch(effective_rows(warehouse.table("said"), PURPOSES)).to_pylist():
        key = (row["customer_id"], row["purpose"])
        found.setdefault(key, []).append((row["occurred_at"].replace(tzinfo=UTC), row["given"]))
    return {key: sorted(rows) for key, rows in found.items()}


def differences(warehouse: Warehouse, people: list[list[ConsentEntry]]) -> int:
    """In how many answers the two readings differ, restrictions left out."""
    found = answered(warehouse, people)
    wrong = 0
    for number, history in enumerate(people):
        spoken = [each for each in history if not each.state.is_about_all]
        for name, policy in PURPOSES.items():
            rows = found.get((f"c{number}", name), [])
            assert len({instant for instant, _ in rows}) == len(rows)
            for instant in INSTANTS:
                until = [allowed for at, allowed in rows if at <= instant]
                if until:
                    with_places = [*spoken, *(each for each in history if each.state.is_about_all)]
                    wrong += until[-1] is not _unrestricted(with_places, policy.purpose, instant)
    return wrong


def _unrestricted(history: list[ConsentEntry], purpose: str, instant: datetime) -> bool:
    """As though the restrictions among the entries said only where the person was."""
    lifted = ConsentEntry(
        record_id="c1",
        purpose="",
        state=ConsentState.LIFTED,
        occurred_at=NOON + timedelta(days=1),
        received_at=NOON + timedelta(days=1),
    )
    return has_basis([*history, lifted], PURPOSES[purpose], instant)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse in memory."""
    return Warehouse.open(None, spill=tmp_path_factory.mktemp("spill"), threads=1)


def test_the_batch_reading_tells_of_everybody_what_one_by_one_tells(warehouse: Warehouse) -> None:
    assert differences(warehouse, PEOPLE) == 0


def test_whoever_is_restricted_is_found(warehouse: Warehouse) -> None:
    warehouse.replace_rows("said", said_by(PEOPLE))
    found = warehouse.fetch(restricted_people(warehouse.table("said"))).column("customer_id").to_pylist()
    assert sorted(found) == sorted(f"c{number}" for number, each in enumerate(PEOPLE) if is_restricted(each))


def _strictly_later(refused_at: ir.Value, allowed_at: ir.Value) -> ir.BooleanValue:
    return refused_at.notnull() & (allowed_at.isnull() | (refused_at > allowed_at))


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("_refused", _strictly_later),
        ("_latest", lambda instants: instants[0]),
        ("regions", lambda said: said.select("customer_id", region="purpose").distinct(on="customer_id")),
    ],
)
def test_a_planted_fault_is_caught(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, name: str, fault: Callable[..., object]
) -> None:
    monkeypatch.setattr(consent_batch, name, fault)
    assert differences(warehouse, PEOPLE) > 0


def test_explicit_entries_of_files_are_of_the_kinds_of_the_ledger(warehouse: Warehouse) -> None:
    rows = [
        {"state": state.value, "basis": basis}
        for state in ConsentState
        for basis in (None, LegalBasis.CONSENT.value, LegalBasis.CONTRACT.value)
    ]
    warehouse.replace_rows("spoken", pa.Table.from_pylist([*rows, {"state": "maybe", "basis": None}]))
    table = warehouse.table("spoken")
    found = warehouse.fetch(table.mutate(kind=kind_expression(table.state, table.basis))).to_pylist()
    for row in found[:-1]:
        state, basis = ConsentState(row["state"]), LegalBasis(row["basis"] or "consent")
        assert row["kind"] == (state.value if state.is_about_all else kind_of(state, Strength.EXPLICIT, basis))
    assert found[-1]["kind"] is None
