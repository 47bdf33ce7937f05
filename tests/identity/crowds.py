"""Records with known truth, ready to be matched, and the rules to match them by."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from habitue.identity.rules import DEFAULT_RULES, ROLES, IdentityRules, Matching
from tests.identity.people import make_crowd

ALL_COLUMNS = Matching(columns=MappingProxyType({role: role for role in ROLES}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Records whose truth is known.

    Attributes:
        table: The records.
        truth: The person behind each record id.
        rules: To match them by.
    """

    table: pa.Table
    truth: dict[str, str]
    rules: IdentityRules


def rules_for(matching: Matching) -> IdentityRules:
    """The default rules, matching by likeness."""
    return IdentityRules(namespaces=DEFAULT_RULES.namespaces, guards=DEFAULT_RULES.guards, matching=matching)


def crowd(records: int, *, seed: int = 7) -> Labelled:
    """Made-up people."""
    made = make_crowd(records, seed=seed)
    return Labelled(table=made.table, truth=made.truth, rules=rules_for(ALL_COLUMNS))


def rows_of(path: Path) -> list[dict[str, str | None]]:
    """The rows of a compressed CSV file; empty fields are missing."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [
            {name.strip(): (value or "").strip() or None for name, value in row.items()} for row in csv.DictReader(file)
        ]


def febrl(folder: Path, number: int, *, with_birth_date: bool = False) -> Labelled:
    """One of the FEBRL data sets, without the identity number and, as a rule, without the date of birth."""
    rows = rows_of(folder / "febrl" / f"dataset{number}.csv.gz")
    ids = [str(row["rec_id"]) for row in rows]
    street = [" ".join(part for part in (row["street_number"], row["address_1"]) if part) or None for row in rows]
    columns = {name: [row[name] for row in rows] for name in ("given_name", "surname", "postcode", "suburb", "state")}
    columns |= {"street": street, "more": [row["address_2"] for row in rows]}
    roles = {
        "given_name": "given_name",
        "surname": "surname",
        "postcode": "postcode",
        "city": "suburb",
        "street": "street",
    }
    if with_birth_date:
        columns["born"], roles["birth_date"] = [row["date_of_birth"] for row in rows], "born"
    return Labelled(
        table=pa.table({"record_id": ids, **columns}),
        truth={each: each.split("-")[1] for each in ids},
        rules=rules_for(Matching(columns=MappingProxyType(roles), also=("state", "more"))),
    )


def fake_people(folder: Path) -> Labelled:
    """A thousand made-up records with many errors in each, also in dates of birth."""
    rows = rows_of(folder / "fake_people" / "fake_1000.csv.gz")
    ids = [str(row["unique_id"]) for row in rows]
    names = ("first_name", "surname", "dob", "email", "city")
    roles = {"given_name": "first_name", "surname": "surname", "birth_date": "dob", "email": "email", "city": "city"}
    return Labelled(
        table=pa.table({"record_id": ids, **{name: [row[name] for row in rows] for name in names}}),
        truth={str(row["unique_id"]): str(row["cluster"]) for row in rows},
        rules=rules_for(Matching(columns=MappingProxyType(roles))),
    )
