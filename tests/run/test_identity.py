"""Who is who for a whole project: links from the vault's cards, and every table following the persons."""

from pathlib import Path

import pytest

from habitue.identity.links import Links
from habitue.run.identity import can_link
from habitue.run.person_rows import read_persons
from tests.run.peopled import LIKENESS, SOURCE, TWO_ACCOUNTS, peopled


def identified(**carried: str) -> dict[str, object]:
    return {"identifiers": {name: [value] for name, value in carried.items()}}


def test_records_that_share_an_identifier_however_written_become_one_person(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        ids = shop.know({"1": identified(email="Ann@Example.org "), "2": identified(email="ann@example.org"), "3": {}})
        report = shop.resolve()
        owners = shop.owners()
        assert owners[ids["1"]] == owners[ids["2"]] in ids.values()
        assert owners[ids["3"]] == ids["3"]
        assert (report.status, report.people, report.joined, report.links["email"]) == ("done", 1, 1, 1)
        assert report.rows == {"event_seen": 1}
        assert len(read_persons(shop.warehouse)) == 1


def test_what_records_carry_is_found_in_the_vault_by_its_compared_form(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        ids = shop.know({"1": identified(email="Ann@Example.org ")})
        shop.resolve()
        assert shop.vault.resolve(shop.vault.name("email", "ann@example.org")) == [ids["1"]]


def test_no_card_is_opened_where_sources_name_customers_in_one_way_only(tmp_path: Path) -> None:
    plain = SOURCE.replace("identifiers: {user_id: customer, email: email, phone: phone, cookie: cookie}\n", "")
    with peopled(tmp_path, source=plain) as shop:
        assert not can_link(shop.project)
        shop.vault.close()
        assert shop.resolve().status == "none"
        assert not (tmp_path / ".habitue" / "identity.sqlite").exists()


def test_links_are_looked_for_again_only_when_something_changed(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        shop.know({"1": identified(email="a@example.org"), "2": identified(email="a@example.org")})
        assert shop.resolve().status == "done"
        again = shop.resolve()
        assert (again.status, dict(again.links), again.joined) == ("fresh", {}, 1)
        shop.rules(TWO_ACCOUNTS + "region: GB\n")
        assert shop.resolve().links["email"] == 1


def test_rows_go_back_to_their_record_when_nothing_joins_them_any_longer(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        ids = shop.know({"1": identified(email="a@example.org"), "2": identified(email="a@example.org")})
        assert len(set(shop.owners().values())) == 2
        shop.resolve()
        assert len(set(shop.owners().values())) == 1
        shop.rules("identity: people\nnamespaces: {email: {links: never}}\n")
        report = shop.resolve()
        assert report.split == 1
        assert shop.owners() == {each: each for each in ids.values()}


def test_rows_loaded_anew_follow_the_persons_again(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        ids = shop.know({"1": identified(email="a@example.org"), "2": identified(email="a@example.org")})
        shop.resolve()
        before = shop.owners()
        shop.fill("event_seen", list(ids.values()))
        assert shop.resolve().changed
        assert shop.owners() == before


def test_an_identifier_that_ten_thousand_people_share_joins_nobody_and_is_told(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        shop.know({str(number): identified(email="info@shop.example.org") for number in range(10_000)})
        report = shop.resolve()
        assert report.joined == 0
        (told,) = report.blocked
        assert (told.namespace, told.values, told.records, told.most) == ("email", 1, 10_000, 10_000)


def test_people_of_two_dates_of_birth_are_not_joined_by_what_they_share(tmp_path: Path) -> None:
    with peopled(tmp_path, rules=TWO_ACCOUNTS + LIKENESS) as shop:
        traits = {"first": "Ann", "last": "Lee"}
        ids = shop.know(
            {
                "1": {**identified(cookie="x"), "traits": {**traits, "born": "1980-03-04"}},
                "2": {**identified(cookie="x"), "traits": {**traits, "born": "1955-11-30"}},
                "3": {**identified(cookie="y"), "traits": {**traits, "born": "1955-11-30"}},
                "4": identified(cookie="y"),
            }
        )
        report = shop.resolve()
        assert (report.joined, report.refused) == (2, {"birth_date": 1})
        owners = shop.owners()
        assert owners[ids["2"]] == owners[ids["3"]] == owners[ids["4"]] != owners[ids["1"]]


def test_nothing_personal_stands_in_the_link_store(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        shop.know({"1": identified(email="ann@example.org"), "2": identified(email="ann@example.org")})
        shop.resolve()
        with Links.open(tmp_path) as links:
            said = "\n".join(links.connection.iterdump())
    assert "example.org" not in said


@pytest.mark.parametrize("table", ["event_seen", "source_customers"])
def test_every_table_of_records_follows_and_others_are_left_alone(tmp_path: Path, table: str) -> None:
    with peopled(tmp_path) as shop:
        ids = shop.know({"1": identified(email="a@example.org"), "2": identified(email="a@example.org")})
        shop.fill(table, list(ids.values()))
        shop.warehouse.replace("features", shop.warehouse.table(table).select("customer_id"))
        shop.resolve()
        assert len(set(shop.owners(table).values())) == 1
        features = shop.warehouse.fetch(shop.warehouse.table("features")).column("customer_id").to_pylist()
        assert sorted(features) == sorted(ids.values())


def test_two_accounts_stay_two_customers_until_the_rules_allow_several(tmp_path: Path) -> None:
    with peopled(tmp_path, rules="identity: people\n") as shop:
        shop.know({"1": identified(email="a@example.org"), "2": identified(email="a@example.org")})
        report = shop.resolve()
        assert (report.joined, dict(report.refused)) == (0, {"limit": 1})
        assert report.note == "0 records joined to 0 people, 1 links refused (limit)"
        shop.rules(TWO_ACCOUNTS)
        assert shop.resolve().joined == 1


def test_a_visitor_without_login_becomes_whoever_logs_in_on_the_same_device(tmp_path: Path) -> None:
    with peopled(tmp_path) as shop:
        ids = shop.know({"anon-x": identified(cookie="x"), "7": identified(cookie="x")})
        shop.resolve()
        assert len(set(shop.owners().values())) == 1
        assert shop.owners()[ids["7"]] in ids.values()
