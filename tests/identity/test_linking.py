"""From records to persons and back: linking, building again, trying out other rules, and erasing."""

from dataclasses import replace
from pathlib import Path

import pytest

from habitue.identity.ledger import digest, members
from habitue.identity.linking import Carried, link_records, what_keeps_apart
from habitue.identity.links import MATCHED, Links
from habitue.identity.merging import merge, unmerge
from habitue.identity.model import MatchModel
from habitue.identity.rules import Guards, IdentityRules, Namespace
from habitue.identity.scores import numbered, score_persons
from habitue.identity.settling import settle
from tests.identity.crowds import Labelled, crowd
from tests.identity.stores import LATER, NOW, desk_of, ids, people

COOKIES = {"cookie": Carried(record_id=["r0000001", "r0000002", "new"], value=["k1", "k1", "k2"])}


@pytest.fixture(scope="module")
def data() -> Labelled:
    return crowd(2_000)


def build(links: Links, data: Labelled, *, model: MatchModel | None = None) -> tuple[int, int]:
    linked = link_records(links, data.rules, carried=COOKIES, records=data.table, model=model, now=NOW)
    settle(links, guards=linked.guards, facts_of=linked.known.facts_of, new_id=ids(), now=NOW)
    return linked.added, linked.withdrawn


def test_records_become_persons_and_a_second_build_changes_nothing(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        added, _ = build(links, data)
        assert added > 500
        was, found = digest(links), people(links)
        records = data.table["record_id"].to_pylist()
        tally = score_persons(numbered(found[each] for each in records), numbered(data.truth[each] for each in records))
        assert tally.f1 >= 0.97
        assert found["r0000001"] == found["r0000002"]
        assert build(links, data) == (0, 0)
        assert digest(links) == was


def test_the_stored_model_serves_the_next_build(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        build(links, data)
        model = MatchModel.from_json(links.model() or "")
        linked = link_records(links, data.rules, carried=COOKIES, records=data.table, model=model, now=LATER)
        assert linked.matches is not None
        assert linked.matches.model.version == model.version
        assert linked.added + linked.withdrawn < linked.by_rule[MATCHED] / 100


def test_new_records_join_without_moving_anybody_else(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        first = replace(data, table=data.table.slice(0, 1_500))
        build(links, first)
        model = MatchModel.from_json(links.model() or "")
        was = people(links)
        build(links, data, model=model)
        now = people(links)
        moved = [record for record, person in was.items() if now[record] != person]
        assert len(moved) < 100


def test_unmerging_after_a_wrong_merge_restores_everybody(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        linked = link_records(links, data.rules, carried=COOKIES, records=data.table, now=NOW)
        dates = data.table.select(["record_id", "birth_date"]).to_pylist()
        written = {row["record_id"]: row["birth_date"] for row in dates if row["birth_date"] is not None}
        known = what_keeps_apart(data.rules, carried=COOKIES, births=written)
        desk = replace(desk_of(links, guards=linked.guards), facts_of=known.facts_of)
        settle(links, guards=desk.guards, facts_of=desk.facts_of, new_id=desk.new_id, now=NOW)
        was = digest(links)
        one, two = sorted(set(people(links).values()))[:2]
        outcome = merge(desk, one, two, now=LATER)
        assert len(members(links, outcome.merged[0][0])) >= 2
        unmerge(desk, outcome.merged[0][0], now=LATER)
        assert digest(links) == was


def test_trying_out_other_rules_tells_what_would_change_and_changes_nothing(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        build(links, data)
        was = digest(links)
        only_cookies = IdentityRules(namespaces=(Namespace(name="cookie"),), guards=Guards(limits=(0,)))
        with links.rehearsal():
            linked = link_records(links, only_cookies, carried=COOKIES, records=data.table, now=LATER)
            outcome = settle(links, guards=linked.guards, new_id=ids(), now=LATER)
        assert len(outcome.split) > 100
        assert outcome.merged == ()
        assert digest(links) == was


def test_an_erased_record_is_in_no_person_any_longer(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        build(links, data)
        person = next(each for each in sorted(set(people(links).values())) if len(members(links, each)) > 2)
        gone, *rest = members(links, person)
        links.forget([gone])
        settle(links, guards=data.rules.guards, new_id=ids(), now=LATER, touched=links.numbers(rest).values())
        found = people(links)
        assert gone not in found
        assert set(rest) <= set(found)


def test_nothing_personal_is_in_the_store(data: Labelled, tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        build(links, data)
    stored = b"".join(file.read_bytes() for file in (tmp_path / ".habitue").iterdir())
    assert b"r0000001" in stored
    for column in ("email", "phone", "birth_date", "street"):
        values = [value.encode() for value in data.table[column].to_pylist() if value]
        assert not any(value in stored for value in values)
