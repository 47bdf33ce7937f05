"""What channels are told about people: whether they may be told about, and by which identifier."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.channels import ChannelSpec, Clearance
from habitue.channels.spec import BodyFormat, ShownId
from habitue.cli.clock import system_surroundings
from habitue.govern.consent import ConsentState
from habitue.govern.requests import PrivacyJournal
from habitue.run.clearing import clearance
from habitue.run.consenting import Word, record_consent
from habitue.run.customers import find_customer
from habitue.run.deciding import merge_people
from habitue.run.workspace import Workspace
from tests.projects import put

POLICIES = "purpose: news\n---\npurpose: care\nbasis: contract\n"
NAMED = ChannelSpec(
    channel="crm",
    webhook="https://hooks.example.com/",
    segments="all",
    identifier=ShownId.USER_ID,
    purpose="care",
    format=BodyFormat.HABITUE,
    secret_env=None,
    allow_private=False,
    label="",
)


@pytest.fixture
def opened(shop: Path) -> Iterator[Workspace]:
    """The corner shop with two purposes."""
    put(shop / "policies" / "all.yaml", POLICIES)
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        yield workspace


@pytest.fixture
def asked(opened: Workspace) -> Iterator[Clearance]:
    with clearance(opened.project.folder, opened.beside, lambda: opened.project) as found:
        yield found


def test_a_basis_counts_from_the_moment_it_is_said_and_ends_with_it(opened: Workspace, asked: Clearance) -> None:
    ann, ben = (find_customer(opened, name) for name in ("ann", "ben"))
    both = [ann, ben]
    assert asked.permitted(both, "care") == asked.permitted(both, "") == {ann, ben}
    assert asked.permitted(both, "news") == asked.permitted(both, "undeclared") == set()
    record_consent(opened, ann, Word(state=ConsentState.GIVEN, purpose="news"))
    assert asked.permitted(both, "news") == {ann}
    record_consent(opened, ann, Word(state=ConsentState.WITHDRAWN, purpose="news"))
    assert asked.permitted(both, "news") == set()
    record_consent(opened, ann, Word(state=ConsentState.RESTRICTED))
    assert asked.permitted(both, "care") == asked.permitted(both, "") == {ben}
    assert asked.permitted(["c0000000000000000"], "") == set()


def test_an_identifier_stays_the_same_when_people_turn_out_to_be_one(opened: Workspace, asked: Clearance) -> None:
    eve, ann = (find_customer(opened, name) for name in ("eve", "ann"))
    assert asked.user_ids([eve, ann]) == {eve: "eve", ann: "ann"}
    merge_people(opened, eve, ann)
    assert find_customer(opened, "eve") == find_customer(opened, "ann")
    # Also of whoever is nobody any longer: the receiver has to let them go by the id that it knows.
    assert asked.user_ids([eve, ann]) == {eve: "eve", ann: "ann"}


def test_somebody_who_is_erased_is_known_no_longer(opened: Workspace, asked: Clearance) -> None:
    ann = find_customer(opened, "ann")
    assert asked.user_ids([ann]) == {ann: "ann"}
    opened.vault.erase([ann], now=opened.clock())
    assert asked.user_ids([ann]) == {}


def test_a_receiver_is_noted_once_and_everybody_named_to_it_each_time(opened: Workspace, asked: Clearance) -> None:
    ann, ben = (find_customer(opened, name) for name in ("ann", "ben"))
    asked.note(NAMED, [ann, ben])
    asked.note(NAMED, [ann])
    asked.note(NAMED.model_copy(update={"identifier": ShownId.CUSTOMER_ID}), [ben])
    with PrivacyJournal.open(opened.project.folder) as journal:
        given = [(each.kind, each.target) for each in journal.recipients() if each.kind == "webhook"]
    assert given == [("webhook", "hooks.example.com")]
    audited = [each for each in opened.audit.entries() if each.actor == "channel:crm"]
    assert [(each.subject, each.purpose) for each in audited] == [(ann, "care"), (ben, "care"), (ann, "care")]
