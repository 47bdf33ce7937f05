"""Records that share an identifier are linked, unless too many share it."""

from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.clustering import cluster
from habitue.identity.edges import Edges, Facts
from habitue.identity.identifiers import Identifiers, link_by_identifiers
from habitue.identity.rules import DEFAULT_RULES, Guards, IdentityRules, Namespace, Strength

EMAIL = IdentityRules(namespaces=(Namespace(name="email", shared_by=20, limit=5),))


def test_an_identifier_shared_by_ten_thousand_people_links_nobody_and_is_reported() -> None:
    record = [*range(10_000), 10_000, 10_001]
    value = ["info@shop.example"] * 10_000 + ["ann@x.org"] * 2
    found = link_by_identifiers({"email": Identifiers.of(record, value)}, EMAIL)
    assert list(zip(found.edges["email"].left, found.edges["email"].right, strict=True)) == [(10_000, 10_001)]
    (blocked,) = found.blocked
    assert (blocked.namespace, blocked.values, blocked.records, blocked.most) == ("email", 1, 10_000, 10_000)


def test_a_report_of_blocked_identifiers_names_none() -> None:
    found = link_by_identifiers({"email": Identifiers.of(list(range(30)), ["a@x.org"] * 30)}, EMAIL)
    assert "a@x.org" not in str(found.blocked)


def test_links_of_a_namespace_trusted_more_weigh_more() -> None:
    both = Identifiers.of([0, 1], ["v", "v"])
    found = link_by_identifiers({"cookie": both, "user_id": both}, DEFAULT_RULES)
    assert found.edges["user_id"].weight[0] > found.edges["cookie"].weight[0]


def test_probable_identifiers_make_no_links_and_still_count_for_limits() -> None:
    rules = IdentityRules(namespaces=(Namespace(name="phone", links=Strength.PROBABLE, limit=1),))
    found = link_by_identifiers({"phone": Identifiers.of([0, 1], ["5", "5"])}, rules)
    assert found.edges == {}
    assert found.values == {0: [(0, 0)], 1: [(0, 0)]}


def test_a_person_has_no_more_identifiers_than_the_limit() -> None:
    rules = IdentityRules(
        namespaces=(Namespace(name="cookie"), Namespace(name="email", limit=2)), guards=Guards(limits=(0, 2))
    )
    emails = Identifiers.of([0, 1, 2, 3], ["a", "b", "c", "a"])
    found = link_by_identifiers({"cookie": Identifiers.of([0, 1, 2, 3], ["k"] * 4), "email": emails}, rules)
    persons = cluster(
        4,
        Edges.joined(list(found.edges.values())),
        facts=Facts.born([None] * 4, found.values),
        guards=rules.guards,
    )
    assert persons.oldest.tolist() == [0, 0, 2, 0]


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["a", "b", "c", None])), max_size=30))
def test_linked_records_are_exactly_those_that_share_a_value(rows: list[tuple[int, str | None]]) -> None:
    rules = IdentityRules(namespaces=(Namespace(name="n", shared_by=1_000),))
    found = link_by_identifiers({"n": Identifiers.of([row[0] for row in rows], [row[1] for row in rows])}, rules)
    persons = cluster(13, found.edges["n"], facts=Facts.none(13), guards=Guards(size=1_000)).oldest
    groups = {value: {record for record, other in rows if other == value} for _, value in rows if value is not None}
    for group in groups.values():
        assert len({int(persons[record]) for record in group}) == 1
    linked = {int(end) for ends in (found.edges["n"].left, found.edges["n"].right) for end in ends}
    assert linked <= {record for group in groups.values() if len(group) > 1 for record in group}
