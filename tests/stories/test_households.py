"""People who live together: a segment of households, through builds, merges, restrictions and erasures."""

import json
import zipfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from habitue.run.training import features_at
from habitue.run.workspace import Workspace
from tests.projects import around, corner_shop, local, put, tables_of
from tests.terminal import Json, answer, habitue

CRM = """id,last,street,postcode,company
ann,Lee,1 High Street,XW1 2YZ,Acme
bob,LEE,1  high street,xw1 2yz,
cay,Moss,7 Low Road,XW1 2YZ,
gus,Moss,7 Low Road,XW1 2YZ,acme
hal,Lee,1 High Street,,
"""
SOURCE = """source: crm
files: crm.csv
columns:
  id: {field: customer, type: text, required: true}
  last: {field: last, type: text}
  street: {field: street, type: text}
  postcode: {field: postcode, type: text}
  company: {field: company, type: text}
makes:
  - customers: customer
    traits: {last: last, street: street, postcode: postcode, company: company}
"""
CONTRACT = """customers: true
traits:
  last: {type: text, personal: true}
  street: {type: text, personal: true}
  postcode: {type: text, personal: true}
  company: {type: text}
"""
IDENTITY = """identity: people
households: {by: [street, postcode, last], largest: 12}
accounts: {by: company}
"""
SEGMENTS = """segment: home_ordered
label: Somebody at home ordered in the last 30 days
rule: any(household, did('Order Completed', last='30d'))
---
segment: firm_ordered
rule: any(account, did('Order Completed'))
---
segment: quiet_home
rule: none(household, did('Order Completed'))
"""
FEATURES = """feature: home_orders
rule: when(any(household, did('Order Completed')), count('Order Completed'))
"""


def shop(folder: Path, *, built: bool = True) -> Path:
    """The corner shop with a CRM: ann and bob live together, cay and gus too; ann and gus share a company."""
    corner_shop(folder)
    files = {"crm.csv": CRM, "sources/crm.yaml": SOURCE, "contracts/people.yaml": CONTRACT}
    files |= {"identity/people.yaml": IDENTITY, "segments/homes.yaml": SEGMENTS, "features/homes.yaml": FEATURES}
    for name, text in files.items():
        put(folder / name, text)
    if built:
        build(folder)
    return folder


def build(project: Path) -> Json:
    return answer("build", "--project", project)


def step(report: Json, name: str) -> Json:
    return next(each for each in report["steps"] if each["name"] == name)


def members(project: Path, segment: str) -> set[str]:
    """Whom a segment holds, by the identifier that sources know them by."""
    found = answer("segments", "members", segment, "--project", project)["customers"]
    known = names(project)
    return {known[each] for each in found}


def names(project: Path) -> dict[str, str]:
    """The sources' identifier of each customer."""
    found: dict[str, str] = {}
    for name in ("ann", "ben", "bob", "cay", "dan", "eve", "gus", "hal"):
        outcome = habitue("identity", "show", f"user_id:{name}", "--project", project, "--json")
        if outcome.code == 0:
            found.setdefault(outcome.json["customer"], name)
    return found


def groups(project: Path) -> set[tuple[str, frozenset[str]]]:
    """Each relation's groups, by the sources' identifiers."""
    known = names(project)
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute("SELECT relation, list(customer_id) FROM relations GROUP BY relation, group_id").fetchall()
    return {(relation, frozenset(known.get(each, each) for each in people)) for relation, people in rows}


def test_two_people_at_one_address_are_a_household_however_they_write_it(tmp_path: Path) -> None:
    project = shop(tmp_path, built=False)
    report = build(project)
    assert groups(project) == {
        ("household", frozenset({"ann", "bob"})),
        ("household", frozenset({"cay", "gus"})),
        ("account", frozenset({"ann", "gus"})),
    }
    assert step(report, "relations")["note"] == "2 households, 1 accounts"
    assert members(project, "home_ordered") == {"ann", "bob", "dan", "ben", "eve"}
    assert members(project, "firm_ordered") == {"ann", "gus", "cay", "dan", "ben", "eve"}
    assert members(project, "quiet_home") == {"hal"}
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        kept = json.dumps(con.execute("SELECT * FROM relations").fetchall()).casefold()
    assert not any(word in kept for word in ("lee", "moss", "high", "xw1", "acme"))


def test_the_explanation_of_one_counts_what_the_other_did_and_when_that_ends(tmp_path: Path) -> None:
    project = shop(tmp_path)
    found = answer("segments", "explain", "home_ordered", "user_id:bob", "--project", project)
    assert found["member"] is True
    assert found["since"].startswith("2026-02-10T09:15")
    assert found["changes_at"] == "2026-03-31T08:00:00Z"
    assert [each["holds"] for each in found["leaves"]] == [True]
    assert [each["events"] for each in found["leaves"]] == [[]]
    assert "some members did 'Order Completed'" in found["words"]


def test_groups_are_made_anew_only_when_what_they_are_made_from_changes(tmp_path: Path) -> None:
    project = shop(tmp_path)
    orders = project / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8") + "9,cay,2026-03-28 10:00:00,5.00,\n", encoding="utf-8")
    again = build(project)
    assert [each["name"] for each in again["steps"] if each["name"] == "relations"] == []
    assert members(project, "quiet_home") == {"hal"}
    assert "gus" in members(project, "home_ordered")
    put(project / "crm.csv", CRM.replace("hal,Lee,1 High Street,,", "hal,Lee,1 High Street,XW12YZ,"))
    assert step(build(project), "relations")["rows"] == 6
    put(project / "crm.csv", CRM.replace("hal,Lee,1 High Street,,", "hal,Lee,1 High Street,XW1 2YZ,"))
    assert step(build(project), "relations")["rows"] == 7


def test_households_follow_merges_and_are_as_before_when_these_are_taken_back(tmp_path: Path) -> None:
    project = shop(tmp_path)
    before = {name: digest for name, digest in tables_of(project).items() if name != "built"}
    assert "gus" not in members(project, "home_ordered")
    answer("identity", "merge", "user_id:cay", "user_id:eve", "--project", project)
    assert "gus" in members(project, "home_ordered")
    answer("identity", "unmerge", "user_id:cay", "--project", project)
    assert "gus" not in members(project, "home_ordered")
    assert {name: digest for name, digest in tables_of(project).items() if name != "built"} == before


def test_a_restricted_housemate_counts_no_longer_at_once_and_again_when_it_is_lifted(tmp_path: Path) -> None:
    project = shop(tmp_path)
    answer("privacy", "consent", "user_id:ann", "--restrict", "--project", project)
    assert "bob" not in members(project, "home_ordered")
    answer("privacy", "consent", "user_id:ann", "--lift", "--project", project)
    assert {"ann", "bob"} <= members(project, "home_ordered")


def test_an_erased_housemate_is_in_no_group_and_counts_no_longer(tmp_path: Path) -> None:
    project = shop(tmp_path)
    person = answer("identity", "show", "user_id:ann", "--project", project)["customer"]
    done = answer("privacy", "erase", "user_id:ann", "--project", project)
    assert {each["store"]: each["rows"] for each in done["stores"]}["warehouse: relations"] == 2
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute("SELECT * FROM relations").fetchall()
    assert all(person not in row for row in rows)
    build(project)
    assert "bob" not in members(project, "home_ordered")
    assert groups(project) == {("household", frozenset({"cay", "gus"}))}


def test_an_export_holds_the_groups_of_a_person_and_nobody_elses(tmp_path: Path) -> None:
    project = shop(tmp_path)
    archive = tmp_path / "ann.zip"
    answer("privacy", "export", "user_id:ann", "--to", archive, "--project", project)
    with zipfile.ZipFile(archive) as opened:
        said = "\n".join(opened.read(name).decode() for name in opened.namelist() if "relations" in name)
    person = answer("identity", "show", "user_id:bob", "--project", project)["customer"]
    assert "household" in said
    assert "account" in said
    assert person not in said


def test_a_household_by_a_trait_that_there_is_not_is_refused(tmp_path: Path) -> None:
    project = shop(tmp_path, built=False)
    put(project / "identity/people.yaml", IDENTITY.replace("by: [street, postcode, last]", "by: [stret]"))
    outcome = habitue("check", "--project", project, "--json")
    assert outcome.code == 1
    assert "IDENTITY-TRAIT" in outcome.out
    assert "Did you mean 'street'?" in outcome.out


def test_a_rule_about_households_is_refused_where_none_are_declared(tmp_path: Path) -> None:
    project = shop(tmp_path, built=False)
    put(project / "identity/people.yaml", "identity: people\naccounts: {by: company}\n")
    outcome = habitue("check", "--project", project, "--json")
    assert "No relation is called 'household'" in outcome.out
    assert "identity/" in outcome.out


def test_the_rest_of_a_large_account_counts_although_it_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shop(tmp_path)
    monkeypatch.setattr("habitue.run.group_members.MOST_READ", 0)
    found = answer("segments", "explain", "firm_ordered", "user_id:gus", "--project", project)
    assert found["member"] is True
    for segment in ("home_ordered", "quiet_home"):
        found = answer("segments", "explain", segment, "user_id:gus", "--project", project)
        assert (found["member"], found["changes_at"]) == (False, None)


def test_a_rule_over_groups_is_counted_before_it_is_kept(tmp_path: Path) -> None:
    project = shop(tmp_path)
    found = answer("segments", "preview", "all(household, did('Order Completed'))", "--project", project)
    assert (found["customers"], found["of"]) == (3, 8)


def test_features_over_groups_are_answered_at_each_instant_by_the_groups_of_today(tmp_path: Path) -> None:
    project = shop(tmp_path)
    asked = pa.table(
        {
            "customer_id": ["bob", "bob", "gus", "ann"],
            "instant": pa.array([local("2026-01-02"), *[local("2026-02-20")] * 3], pa.timestamp("us", tz="UTC")),
        }
    )
    with Workspace.open(project, around=around("2026-04-01")) as workspace:
        found = features_at(workspace, asked, names=["home_orders"])
    assert found.apart == ("home_orders",)
    assert found.rows.column("home_orders").to_pylist() == [None, 0, 0, 2]
