"""Identifiers are compared as they are written one way, and junk identifies nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.normalise import JUNK, Kind, normalise, normalise_email, normalise_phone, normalise_text


@pytest.mark.parametrize(
    "junk", ["", "  ", "-", "0000", "0-0-0", "-1", "null", "NULL", " Anonymous ", "n/a", "(not set)"]
)
def test_placeholders_are_no_identifiers(junk: str) -> None:
    assert normalise_text(junk) is None


@pytest.mark.parametrize(
    "junk", ["test@test.com", "no-reply@shop.example", "null@x.org", "a@b", "ann@@x.org", "ann x@y.org"]
)
def test_addresses_that_nobody_has_are_no_identifiers(junk: str) -> None:
    assert normalise_email(junk) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ANN@EXAMPLE.ORG", "ann@example.org"),
        (" ann@example.org\t", "ann@example.org"),
        ("ann@example.org", "ann@example.org."),
        ("\u200bann@example.org", "ann@example.org"),
        ("ann@xn--mnchen-3ya.de", "ann@m\u00fcnchen.de"),
    ],
)
def test_one_address_written_twice_is_one(one: str, other: str) -> None:
    assert normalise_email(one) == normalise_email(other)


def test_dots_and_tags_of_addresses_count_because_they_do_at_most_providers() -> None:
    assert len({normalise_email(each) for each in ("annlee@x.org", "ann.lee@x.org", "ann+lee@x.org")}) == 3


@pytest.mark.parametrize("number", ["020 7946 0018", "+44 20 7946 0018", "0044 20 7946 0018", "(020) 7946-0018"])
def test_one_number_written_four_ways_is_one(number: str) -> None:
    assert normalise_phone(number, "GB") == "+442079460018"


@pytest.mark.parametrize("number", ["0000000000", "1234567890", "12", "999999999", "call me", ""])
def test_numbers_that_nobody_has_are_no_identifiers(number: str) -> None:
    assert normalise_phone(number, "GB") is None


def test_a_national_number_needs_a_region() -> None:
    assert normalise_phone("020 7946 0018") is None


def test_ids_that_differ_by_case_are_two() -> None:
    assert normalise_text("aB3") != normalise_text("Ab3")


def test_values_blocked_by_the_project_identify_nobody() -> None:
    found = normalise(Kind.EMAIL, ["Shop@Example.org", "ann@example.org"], blocked={"shop@example.org"})
    assert found == [None, "ann@example.org"]


@given(st.sampled_from(Kind), st.text(max_size=40))
def test_what_is_normalised_stays_as_it_is(kind: Kind, text: str) -> None:
    (once,) = normalise(kind, [text], region="GB")
    assert normalise(kind, [once], region="GB") == [once]


@given(st.sampled_from(sorted(JUNK)), st.sampled_from(["", " ", "\t"]))
def test_junk_is_junk_in_any_case_and_spacing(word: str, space: str) -> None:
    assert normalise(Kind.TEXT, [f"{space}{word.upper()}{space}"]) == [None]
