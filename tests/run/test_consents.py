"""Nobody's data is used without a basis, in any sink, at any time."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from habitue.govern import consent_batch
from habitue.govern.consent import ConsentState, Strength, kind_of
from habitue.govern.spec import LegalBasis
from habitue.rules.scope import Scope
from habitue.run import consents, refreshing
from habitue.run.consenting import Word, record_consent
from habitue.run.consents import records_of
from habitue.run.customers import find_customer, records_meant
from habitue.run.refreshing import catch_up
from tests.run.consent_shop import Count, Entries, counted, entries_of, explained, opened, say, write_shop

PEOPLE = 10_000
FEW = 200


def figures(folder: Path, entries: Entries) -> Iterator[tuple[str, dict[str, Count]]]:
    """The uses of a shop after each step of its life."""
    write_shop(folder, entries)
    with closing(opened(folder)) as workspace:
        workspace.build()
        say(workspace, entries.early)
        workspace.build()
        yield "built", counted(workspace, entries, late=False)
        say(workspace, entries.late)
        catch_up(workspace.opened)
        yield "said", counted(workspace, entries, late=True)
        yield "explained", counted(workspace, entries, late=True, sinks=explained, people=60)
        workspace.build()
        yield "built again", counted(workspace, entries, late=True)


def test_over_ten_thousand_histories_nothing_is_used_without_a_basis(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    uses = 0
    for step, found in figures(tmp_path / "shop", entries_of(PEOPLE, seed=11)):
        for sink, count in found.items():
            assert (count.without_basis, count.left_out) == (0, 0), f"{step}: {sink}"
            uses += count.uses
    record_property("uses", uses)
    assert uses > 50 * PEOPLE


def _nothing(*_: object) -> list[object]:
    return []


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a purpose that asks for nothing": lambda patch: patch.setattr(
        Scope, "_with_purpose", lambda _scope, typed, _purpose, _space: typed
    ),
    "what is said is followed by the next build only": lambda patch: patch.setattr(
        refreshing, "refresh_answers", _nothing
    ),
    "nobody is ever restricted": lambda patch: patch.setattr(
        consents, "restricted_people", lambda said: said.select("customer_id").distinct().limit(0)
    ),
    "objections are taken for withdrawals": lambda patch: patch.setattr(consents, "kind_of", _tamed),
    "what was said after the instant of the answers is not looked at": lambda patch: patch.setattr(
        consent_batch, "_WHEN", ("then", "then")
    ),
    "records of one person are taken for several": lambda patch: patch.setattr(consents, "PERSONS", "nobodys"),
    "any permission lifts any refusal": lambda patch: patch.setattr(
        consent_batch, "_refused", lambda refused, allowed: refused.notnull() & allowed.isnull()
    ),
}


def _tamed(state: ConsentState, strength: Strength, basis: LegalBasis) -> str:
    kind = kind_of(state, strength, basis)
    return "signalled_off_at" if kind == "objected_at" else kind


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    FAULTS[fault](monkeypatch)
    steps = figures(tmp_path / "shop", entries_of(FEW, seed=5))
    # Nothing more is looked at once it is caught.
    assert any(count.without_basis for _, found in steps for count in found.values())


def test_what_was_said_before_a_kill_counts_when_the_project_is_opened_again(tmp_path: Path) -> None:
    entries = entries_of(FEW, seed=7)
    write_shop(tmp_path, entries)
    with closing(opened(tmp_path)) as workspace:
        workspace.build()
        say(workspace, entries.early)
        say(workspace, entries.late)
    with closing(opened(tmp_path)) as workspace:
        _sound(counted(workspace, entries, late=True))


def test_a_warehouse_made_anew_says_the_same(tmp_path: Path) -> None:
    entries = entries_of(FEW, seed=8)
    write_shop(tmp_path, entries)
    with closing(opened(tmp_path)) as workspace:
        workspace.build()
        say(workspace, entries.early)
        say(workspace, entries.late)
    (tmp_path / ".habitue" / "warehouse.duckdb").unlink()
    with closing(opened(tmp_path)) as workspace:
        workspace.build()
        _sound(counted(workspace, entries, late=True))


def _sound(found: dict[str, Count]) -> None:
    assert {sink for sink, count in found.items() if count.without_basis or count.left_out} == set()


def test_a_refusal_stays_with_the_record_that_said_it_or_with_all_of_the_person(tmp_path: Path) -> None:
    write_shop(tmp_path, entries_of(3, seed=9))
    with closing(opened(tmp_path)) as workspace:
        workspace.build()
        person, refusal = find_customer(workspace, "user_id:p0b"), Word(state=ConsentState.WITHDRAWN, purpose="news")
        records = records_of(workspace.warehouse, person)
        record_consent(workspace, person, refusal, records=records_meant(workspace, "user_id:p0b"))
        said = [each.entry.record_id for each in workspace.stores.consents.entries()]
        assert said == workspace.vault.resolve(workspace.vault.name("user_id", "p0b"))
        record_consent(workspace, person, refusal, records=records_meant(workspace, person))
        said = [each.entry.record_id for each in workspace.stores.consents.entries(after=1)]
        assert (len(records), said) == (2, records)
