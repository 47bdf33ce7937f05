"""What a project declares about identity becomes its rules, over sound defaults."""

from pathlib import Path

from habitue.config import read_documents
from habitue.errors import Fault
from habitue.identity.rules import DEFAULT_RULES, IdentityRules, Strength, read_rules
from habitue.identity.spec import IdentitySpec

FULL = """\
identity: shop
region: GB
namespaces:
  loyalty_card: {priority: 1, limit: 2}
  email: {blocked: [Shop@Example.org]}
  till: {links: never}
matching:
  columns: {given_name: first_name, surname: last_name, birth_date: birthday, also: [county]}
  link: 0.9
  review: 0.2
guards: {size: 50, shared_by: 7}
traits:
  city: {keep: most_frequent}
  phone: {keep: source_priority, sources: [crm, web]}
households: {by: [street, postcode, last_name]}
accounts: {by: company}
"""


def rules_of(folder: Path, *texts: str) -> tuple[IdentityRules, list[Fault]]:
    (folder / "identity").mkdir()
    for place, text in enumerate(texts):
        (folder / "identity" / f"{place}.yaml").write_text(text, encoding="utf-8")
    documents, faults = read_documents(folder, "identity", IdentitySpec)
    rules, more = read_rules(documents)
    return rules, [*faults, *more]


def test_a_project_that_says_nothing_has_the_defaults(tmp_path: Path) -> None:
    rules, faults = rules_of(tmp_path)
    assert (rules, faults) == (DEFAULT_RULES, [])
    assert [each.name for each in rules.namespaces][:3] == ["user_id", "loyalty_card", "email"]


def test_everything_declared_is_read(tmp_path: Path) -> None:
    rules, faults = rules_of(tmp_path, FULL)
    assert faults == []
    assert rules.namespaces[0].name == "loyalty_card"
    assert rules.namespaces[0].limit == 2
    assert rules.matching is not None
    assert dict(rules.matching.columns) == {
        "given_name": "first_name",
        "surname": "last_name",
        "birth_date": "birthday",
    }
    assert (rules.matching.also, rules.matching.link, rules.matching.review) == (("county",), 0.9, 0.2)
    assert rules.traits["phone"].sources == ("crm", "web")
    assert (rules.household_by, rules.account_by) == (("street", "postcode", "last_name"), "company")
    assert rules.guards.size == 50
    assert len(rules.guards.limits) == len(rules.namespaces)


def test_contact_details_are_evidence_where_records_are_matched_by_likeness(tmp_path: Path) -> None:
    rules, _ = rules_of(tmp_path, FULL)
    email, till = rules.namespace("email"), rules.namespace("till")
    assert email is not None
    assert till is not None
    assert (email.links, till.links) == (Strength.PROBABLE, Strength.NEVER)
    assert (email.blocked, email.shared_by) == (frozenset({"shop@example.org"}), 7)


def test_a_second_document_is_a_fault(tmp_path: Path) -> None:
    _, faults = rules_of(tmp_path, "identity: one\n", "identity: two\n")
    assert [(fault.file, fault.code) for fault in faults] == [("identity/1.yaml", "IDENTITY-TWICE")]


def test_matching_by_one_column_is_a_fault(tmp_path: Path) -> None:
    _, faults = rules_of(tmp_path, "identity: one\nmatching: {columns: {surname: name}}\n")
    assert [fault.code for fault in faults] == ["IDENTITY-COLUMNS"]


def test_two_namespaces_with_one_priority_are_a_fault(tmp_path: Path) -> None:
    text = "identity: one\nnamespaces:\n  a: {priority: 1}\n  b: {priority: 1}\n"
    _, faults = rules_of(tmp_path, text)
    assert [(fault.line, fault.code) for fault in faults] == [(4, "IDENTITY-PRIORITY")]


def test_review_above_link_is_a_fault(tmp_path: Path) -> None:
    _, faults = rules_of(tmp_path, FULL.replace("review: 0.2", "review: 0.95"))
    assert len(faults) == 1


def test_sources_without_source_priority_are_a_fault(tmp_path: Path) -> None:
    _, faults = rules_of(tmp_path, "identity: one\ntraits:\n  city: {keep: latest, sources: [crm]}\n")
    assert len(faults) == 1
