"""The definitions that come with the product: they fit where there are orders, and part everybody as they say."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, read
from habitue.segments.shipped import shipped_files
from tests.projects import SETTINGS, SOURCE, local, put
from tests.terminal import answer

NOW = local("2026-03-28 12:00:00")
EDGES = [0, 1, 29, 30, 31, 89, 90, 91, 179, 180, 181, 209, 210, 211, 364, 365, 366, 700]
CUSTOMERS = st.lists(st.lists(st.sampled_from(EDGES), min_size=1, max_size=4), min_size=1, max_size=40)


def catalogue(kind: Kind | None) -> Catalogue:
    properties = {} if kind is None else {"revenue": kind}
    shape = EventShape(name="Order Completed", properties=properties)
    return Catalogue(zone=ZoneInfo("UTC"), events={"Order Completed": shape}, traits={})


@pytest.mark.parametrize(("kind", "fits"), [(Kind.MONEY, True), (Kind.NUMBER, True), (Kind.TEXT, False), (None, False)])
def test_they_fit_where_orders_carry_an_amount(kind: Kind | None, fits: bool) -> None:
    assert bool(shipped_files(catalogue(kind))) is fits


@settings(max_examples=4)
@given(customers=CUSTOMERS)
def test_each_buyer_is_in_one_rfm_segment_and_everybody_in_one_stage(
    tmp_path_factory: pytest.TempPathFactory, customers: list[list[int]]
) -> None:
    project = tmp_path_factory.mktemp("shop")
    put(project / "habitue.yaml", SETTINGS + "")
    put(project / "sources/orders.yaml", SOURCE)
    lines = ["order,customer,at,amount,coupon\n", f"now,newest,{NOW:%Y-%m-%d %H:%M:%S},1.00,\n"]
    for customer, days in enumerate(customers):
        for number, ago in enumerate(days):
            when = NOW - timedelta(days=ago)
            lines.append(f"{customer}-{number},c{customer},{when:%Y-%m-%d %H:%M:%S},{Decimal(1 + ago % 7)},\n")
    put(project / "orders.csv", "".join(lines))
    for file in shipped_files(catalogue(Kind.MONEY)):
        put(project / file.path, file.text)
    answer("build", "--project", project)
    sizes = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", project)}
    for group in ("rfm_", "lifecycle_"):
        assert sum(size for name, size in sizes.items() if name.startswith(group)) == len(customers) + 1
    pairs = answer("segments", "overlap", "--project", project)
    shared = [each for each in pairs if each["one"].split("_")[0] == each["other"].split("_")[0]]
    assert shared == []


def test_a_definition_that_a_project_has_already_is_not_shipped_again() -> None:
    fresh = catalogue(Kind.MONEY)
    mine = Definition(name="lifecycle_new", rule=read("did('Order Completed', last='7d')"))
    texts = {file.path: file.text for file in shipped_files(replace(fresh, segments={"lifecycle_new": mine}))}
    assert "segment: lifecycle_new\n" not in texts["segments/lifecycle.yaml"]
    assert texts["segments/lifecycle.yaml"].count("segment: ") == 6
