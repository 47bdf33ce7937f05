"""What roles see: no group of fewer than ten where people are not shown, no name where they are not in the clear."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from habitue.cli.acting import NEEDS
from habitue.govern.roles import GRANTED, Permission, Role
from tests.terminal import Json, answer, habitue

K = 10
ID = re.compile(r"\bc[0-9a-f]{16}\b")
FIGURES = {"customers", "entered", "left", "missing", "present", "of", "rows", "used", "unused", "failed"}
BLIND = [role for role in Role if Permission.SEE_PEOPLE not in GRANTED[role]]
RULES = [
    "did('Order Completed', last='30d')",
    "count('Order Completed') >= 3 and did('Order Completed', last='90d')",
    "count('Order Completed') >= 25",
    "not did('Order Completed')",
    "segment.cart_abandoner and count('Order Completed') >= 1",
]


def figures(document: Json, key: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a document with the name it stands under."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from figures(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from figures(value, key)
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield key, document


@pytest.fixture(scope="module")
def members(demo_project: Path) -> dict[str, frozenset[str]]:
    """Who is in each segment, and everybody: what somebody who may see people knows."""
    names = [each["name"] for each in answer("segments", "list", "--project", demo_project)]
    found = {
        name: frozenset(answer("segments", "members", name, "--limit", 100_000, "--project", demo_project)["customers"])
        for name in names
    }
    everybody = answer("segments", "preview", "True", "--sample", 10_000, "--project", demo_project)["sample"]
    return {**found, "": frozenset(everybody)}


def outputs(project: Path, role: Role) -> Iterator[tuple[str, Json]]:
    """Every answer about figures that a role gets."""
    listed = answer("segments", "list", "--as", role.value, "--project", project)
    yield "segments list", listed
    yield "sources list", answer("sources", "list", "--as", role.value, "--project", project)
    yield "segments overlap", answer("segments", "overlap", "--as", role.value, "--project", project)
    first = listed[0]["name"]
    yield "segments history", answer("segments", "history", first, "--as", role.value, "--project", project)
    for segment in listed[::3]:
        name = segment["name"]
        yield f"segments show {name}", answer("segments", "show", name, "--as", role.value, "--project", project)
    for rule in RULES:
        yield f"preview {rule}", answer("segments", "preview", rule, "--as", role.value, "--project", project)
    features = answer("features", "list", "--as", role.value, "--project", project)
    yield "features list", features
    for feature in features[::2]:
        yield (
            f"features show {feature['name']}",
            answer("features", "show", feature["name"], "--as", role.value, "--project", project),
        )
    yield "sources profile", answer("sources", "profile", "--as", role.value, "--project", project)


@pytest.mark.parametrize("role", [Role.EXECUTIVE])
def test_no_answer_holds_a_figure_of_fewer_than_ten_or_anybody(demo_project: Path, role: Role) -> None:
    seen, hidden = 0, 0
    for what, document in outputs(demo_project, role):
        for name, value in figures(document):
            if name in FIGURES:
                assert value >= K, f"{what}: {name}"
                seen += 1
        hidden += str(document).count("None")
        assert not ID.search(str(document)), what
    assert seen > 50
    assert hidden > 10


@pytest.mark.parametrize("role", [Role.MARKETER])
def test_sizes_and_overlaps_give_no_small_group_away(
    demo_project: Path, members: dict[str, frozenset[str]], role: Role
) -> None:
    """Somebody adds and takes away two figures and two, knowing which people stand behind each: the worst case."""
    listed = answer("segments", "list", "--as", role.value, "--project", demo_project)
    shown = {each["name"]: members[each["name"]] for each in listed if each["customers"] is not None}
    assert all(len(people) == next(e["customers"] for e in listed if e["name"] == n) for n, people in shown.items())
    found = {"": members[""], **shown}
    assert len(shown) >= 5
    for pair in answer("segments", "overlap", "--as", role.value, "--project", demo_project):
        if pair["customers"] is not None:
            both = members[pair["one"]] & members[pair["other"]]
            assert len(both) == pair["customers"]
            assert not {pair["one"], pair["other"]} - shown.keys()
            for group in (both, shown[pair["one"]] - both, shown[pair["other"]] - both):
                assert not 0 < len(group) < K, pair
            union = shown[pair["one"]] | shown[pair["other"]]
            assert not 0 < len(members[""]) - len(union) < K
    sides = [(name,) for name in found] + list(combinations(found, 2))
    for plus in sides:
        for minus in sides:
            people = sum(len(found[each]) for each in plus) - sum(len(found[each]) for each in minus)
            if 0 < people < K and not set(plus) & set(minus):
                assert not is_group([found[each] for each in plus], [found[each] for each in minus]), (plus, minus)


def is_group(plus: list[frozenset[str]], minus: list[frozenset[str]]) -> bool:
    """Whether the difference of figures counts each person once or not at all."""
    people = frozenset().union(*plus, *minus)
    counted = ([sum(who in each for each in side) for side in (plus, minus)] for who in people)
    return all(more - less in (0, 1) for more, less in counted)


@pytest.mark.parametrize("role", BLIND)
def test_what_is_hidden_is_said_so_in_tables(demo_project: Path, role: Role) -> None:
    outcome = habitue("segments", "list", "--as", role.value, "--project", demo_project)
    assert "<10" in outcome.out
    assert "fewer than ten people" in outcome.err


@pytest.mark.parametrize("role", BLIND)
@pytest.mark.parametrize("words", ["segments members cart_abandoner", "segments explain cart_abandoner user_id:1"])
def test_who_may_not_see_people_gets_no_id(demo_project: Path, role: Role, words: str) -> None:
    outcome = habitue(*words.split(), "--as", role.value, "--project", demo_project, "--json")
    assert outcome.error["code"] == "ROLE-FORBIDDEN"
    assert "see_people" in outcome.error["what"]


def test_a_narrowed_analyst_is_shown_no_small_group_either(demo: Path) -> None:
    (demo / "policies").mkdir(exist_ok=True)
    (demo / "policies" / "zz_roles.yaml").write_text("role: analyst\nwithout: [see_people]\n", encoding="utf-8")
    whole = answer("segments", "list", "--project", demo)
    seen = answer("segments", "list", "--as", "analyst", "--project", demo)
    small = {each["name"] for each in whole if each["customers"] < K}
    assert small
    assert small <= {each["name"] for each in seen if each["customers"] is None}


def test_the_analyst_sees_ids_and_nobody_in_the_clear(demo_project: Path) -> None:
    page = answer("segments", "members", "cart_abandoner", "--as", "analyst", "--project", demo_project)
    assert page["customers"]
    assert all(ID.fullmatch(each) for each in page["customers"])
    shown = ("--show", "email", "--purpose", "marketing_email")
    refused = habitue(
        "segments", "members", "cart_abandoner", *shown, "--as", "analyst", "--project", demo_project, "--json"
    )
    assert refused.error["code"] == "ROLE-FORBIDDEN"
    assert "see_personal" in refused.error["what"]
    by_name = habitue(
        "segments", "explain", "cart_abandoner", "user_id:1", "--as", "analyst", "--project", demo_project, "--json"
    )
    assert "see_personal" in by_name.error["what"]


def test_names_are_read_for_a_purpose_by_who_may_of_who_agreed_and_written_down(demo: Path) -> None:
    before = len(reads(demo))
    open_ones = [each for each in answer("segments", "list", "--project", demo) if not each["purpose"]]
    name = max(open_ones, key=lambda each: each["customers"])["name"]
    words = ("segments", "members", name, "--show", "user_id,email", "--as", "privacy_officer")
    without = habitue(*words, "--project", demo, "--json")
    assert without.error["code"] == "READ-PURPOSE"
    unknown = habitue(*words, "--purpose", "curiosity", "--project", demo, "--json")
    assert unknown.error["code"] == "READ-PURPOSE"
    column = habitue(*words[:4], "shoe_size", *words[5:], "--purpose", "marketing_email", "--project", demo, "--json")
    assert column.error["code"] == "READ-COLUMN"
    assert len(reads(demo)) == before
    page = answer(*words, "--purpose", "marketing_email", "--project", demo)
    people = page["people"]
    assert people
    assert page["withheld"] == len(page["customers"]) - len(people) > 0
    assert all("@" in each["values"]["email"][0] for each in people if each["values"]["email"])
    assert all(each["values"]["user_id"] for each in people)
    consenting = f"consent.marketing_email and segment.{name}"
    allowed = answer("segments", "preview", consenting, "--sample", 10_000, "--project", demo)["sample"]
    assert {each["customer"] for each in people} == set(allowed)
    # The newest come first; other tests may have looked at the same shop before.
    written = reads(demo)[:-before] if before else reads(demo)
    assert {each["subject"] for each in written} == {each["customer"] for each in people}
    assert {each["purpose"] for each in written} == {"marketing_email"}
    assert "@" not in str(written)


def reads(project: Path) -> list[Json]:
    return [each for each in audit(project)["entries"] if each["action"] == "read"]


def audit(project: Path, *words: object) -> Json:
    return answer("privacy", "audit", "--limit", 100_000, *words, "--project", project)


def test_an_explanation_of_somebody_is_written_down(demo: Path) -> None:
    customer = answer("segments", "members", "cart_abandoner", "--limit", 1, "--project", demo)["customers"][0]
    before = len(audit(demo, "--subject", customer)["entries"])
    answer("segments", "explain", "cart_abandoner", customer, "--as", "analyst", "--project", demo)
    entry, *older = audit(demo, "--subject", customer)["entries"]
    assert len(older) == before
    assert (entry["action"], entry["about"]) == ("read", "segments explain cart_abandoner")


def test_the_audit_log_shows_who_touched_it(demo: Path) -> None:
    key = answer("keys", "create", "--scope", "read", "--project", demo)
    assert set(key) >= {"id", "key", "scope", "expires_at"}
    assert audit(demo, "--verify")["check"]["broken_at"] is None
    place = len(audit(demo)["entries"])
    log = demo / ".habitue" / "audit.sqlite"
    log.write_bytes(log.read_bytes().replace(b"read as executive", b"read as privacyof", 1))
    for rest in ("-wal", "-shm"):
        log.with_name(log.name + rest).unlink(missing_ok=True)
    outcome = habitue("privacy", "audit", "--verify", "--project", demo, "--json")
    assert outcome.code == 3
    assert outcome.json["check"]["broken_at"] == place


def test_what_is_taken_from_a_role_and_given_back_is_written_down(shop: Path) -> None:
    policy = shop / "policies" / "roles.yaml"
    policy.parent.mkdir(exist_ok=True)
    for text in ("role: analyst\nwithout: [see_people, build]\n", ""):
        policy.write_text(text, encoding="utf-8")
        for _ in range(2):
            answer("segments", "list", "--project", shop)
    assert [each["about"] for each in audit(shop)["entries"] if each["action"] == "permission"] == [
        "policies: roles whole again",
        "policies: analyst without build; analyst without see_people",
    ]


def test_keys_and_users_come_and_go_and_their_secrets_are_never_listed(shop: Path) -> None:
    before = len(audit(shop)["entries"])
    key = answer("keys", "create", "--scope", "collect", "--expires", "30d", "--project", shop)
    listed = answer("keys", "list", "--project", shop)
    assert [each["id"] for each in listed] == [key["id"]]
    assert key["key"] not in str(listed)
    assert answer("keys", "revoke", key["id"], "--project", shop)["revoked_at"]
    assert habitue("keys", "revoke", "absent", "--project", shop, "--json").error["code"] == "KEY-UNKNOWN"
    assert answer("users", "list", "--project", shop) == []
    assert habitue("users", "remove", "ann", "--project", shop, "--json").error["code"] == "USER-UNKNOWN"
    done = [each["action"] for each in audit(shop)["entries"]]
    assert done[: len(done) - before] == ["key", "key"]


@pytest.mark.parametrize("words", [words for words in NEEDS if words.startswith(("users", "keys", "privacy audit"))])
def test_help_shows_an_example(words: str) -> None:
    outcome = habitue(*words.split(), "--help")
    assert outcome.code == 0
    assert f"Example: habitue {words}" in outcome.out
