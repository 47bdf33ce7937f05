"""Funnels, held against a published one, a slow reading of the same definition, and what roles may see."""

import csv
import gzip
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.measure.drawn import EVENTS, START, Happened, drawn, project_of, project_of_drawn
from tests.projects import copied, known_as, put
from tests.terminal import Json, answer, habitue

PAGES = ("home_page", "search_page", "payment_page", "payment_confirmation")
NAMES = ("Home Viewed", "Search Viewed", "Payment Viewed", "Payment Confirmed")


def read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def pages(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published pages; each has the day on which its user came."""
    folder = public_data / "ecommerce_funnel"
    users = {each["user_id"]: (each["date"], each["device"]) for each in read(folder / "user_table.csv.gz")}
    return project_of(
        tmp_path_factory.mktemp("pages") / "shop",
        {
            name: [(each["user_id"], *users[each["user_id"]]) for each in read(folder / f"{page}_table.csv.gz")]
            for name, page in zip(NAMES, PAGES, strict=True)
        },
    )


@pytest.mark.public_data
@pytest.mark.slow
def test_the_published_funnel_has_its_published_figures(pages: Path) -> None:
    found = answer("funnel", *NAMES, "--by", "kind", "--project", pages)
    assert [each["customers"] for each in found["steps"]] == [90_400, 45_200, 6_030, 452]
    assert [round(each["of_before"], 3) for each in found["steps"]] == [1, 0.5, 0.133, 0.075]
    assert [each["value"] for each in found["groups"]] == ["Desktop", "Mobile", "Laptop", "Tablet PC"]
    for number, each in enumerate(found["steps"]):
        assert sum(group["steps"][number]["customers"] for group in found["groups"]) == each["customers"]
    for order in ("strict", "any"):
        same = answer("funnel", *NAMES, "--order", order, "--within", "1d", "--project", pages)
        assert [each["customers"] for each in same["steps"]] == [90_400, 45_200, 6_030, 452]


@pytest.fixture(scope="module")
def happened() -> list[Happened]:
    return drawn(7, 300)


@pytest.fixture(scope="module")
def drawn_project(happened: list[Happened], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was drawn as a project, built."""
    return project_of_drawn(tmp_path_factory.mktemp("drawn") / "shop", happened)


def depth(mine: Sequence[tuple[datetime, int]], steps: Sequence[int], within: timedelta, order: str) -> int:
    """How many steps somebody takes, by trying every start."""
    if order == "any":
        return max(
            (
                len({place for at, place in mine if place in steps and timedelta() <= at - start <= within})
                for start, _ in mine
            ),
            default=0,
        )
    line = sorted(mine, key=lambda each: (each[0], steps.index(each[1]) if each[1] in steps else -1))
    best = 0
    for begin, (start, first) in enumerate(line):
        if first != steps[0]:
            continue
        best = max(best, _walked(line[begin:], steps, start + within, strict=order == "strict"))
    return best


def _walked(line: Sequence[tuple[datetime, int]], steps: Sequence[int], end: datetime, *, strict: bool) -> int:
    done = 1
    for at, place in line[1:]:
        if done < len(steps) and place == steps[done] and at <= end:
            done += 1
        elif strict:
            break
    return done


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@pytest.mark.parametrize("hours", [3, 24, 1000])
def test_a_funnel_counts_what_trying_every_start_counts(
    drawn_project: Path, happened: list[Happened], order: str, hours: int
) -> None:
    own: dict[str, list[tuple[datetime, int]]] = {}
    for who, at, place, _ in happened:
        own.setdefault(who, []).append((at, place))
    depths = [depth(mine, (0, 1, 2), timedelta(hours=hours), order) for mine in own.values()]
    words = ("funnel", *EVENTS[:3], "--order", order, "--within", f"{hours}h", "--project", drawn_project)
    found = answer(*words)
    assert [each["customers"] for each in found["steps"]] == [sum(each >= k for each in depths) for k in (1, 2, 3)]
    ids = known_as(drawn_project)
    page = answer(*words, "--people", 3, "--dropped")
    wanted = [who for who, mine in own.items() if depth(mine, (0, 1, 2), timedelta(hours=hours), order) == 2]
    assert sorted(ids[each] for each in page["customers"]) == sorted(wanted)


def test_a_condition_a_period_and_a_rule_about_people_narrow_a_funnel(
    drawn_project: Path, happened: list[Happened]
) -> None:
    new = {who for who, at, place, kind in happened if place == 0 and kind == "new" and at >= START + timedelta(days=1)}
    words = ("--since", "2026-01-02", "--project", drawn_project)
    found = answer("funnel", "Seen where kind == 'new'", "Asked", *words)
    assert found["steps"][0] == {**found["steps"][0], "step": "Seen where kind == 'new'", "customers": len(new)}
    asked = {who for who, _, place, _ in happened if place == 3}
    narrowed = answer("funnel", "Seen where kind == 'new'", "Bought", "--of", "did('Asked')", *words)
    assert narrowed["steps"][0]["customers"] == len(new & asked)


def test_the_time_to_a_step_is_the_median_of_the_shortest_ways(tmp_path: Path) -> None:
    rows = [("a", "2026-01-01 10:00:00", ""), ("a", "2026-01-01 11:00:00", ""), ("b", "2026-01-01 09:00:00", "")]
    then = [("a", "2026-01-01 11:30:00", ""), ("b", "2026-01-01 10:30:00", ""), ("c", "2026-01-01 10:30:00", "")]
    shop = project_of(tmp_path / "shop", {"Seen": rows, "Bought": then})
    found = answer("funnel", "Seen", "Bought", "--project", shop)["steps"]
    assert [(each["customers"], each["median_s"]) for each in found] == [(2, None), (2, (30 + 90) / 2 * 60)]


def test_pages_of_people_are_everybody_once(drawn_project: Path) -> None:
    words = ("funnel", "Seen", "Bought", "--people", 2, "--project", drawn_project)
    whole = answer(*words)["customers"]
    paged: list[str] = []
    after: Json = None
    for _ in range(len(whole)):
        page = answer(*words, "--limit", 40, *(["--after", after] if after else []))
        paged += page["customers"]
        after = page["next_cursor"]
        if after is None:
            break
    assert paged == whole
    assert len(whole) > 40


def test_a_role_without_people_sees_no_small_step_and_nobody(drawn_project: Path) -> None:
    asked = ("funnel", *EVENTS, "--within", "50h", "--by", "kind", "--project", drawn_project)
    found = answer(*asked, "--as", "executive")
    cells = [each["customers"] for part in [found, *found["groups"]] for each in part["steps"]]
    assert all(each is None or (each >= 10 and each % 10 == 0) for each in cells)
    exact = answer(*asked)["steps"]
    assert 0 < exact[-1]["customers"] < 10
    assert found["steps"][-1] == {**found["steps"][-1], "customers": None, "median_s": None, "hidden": True}
    assert all(one is None or other is None or one >= other for one, other in pairwise(cells[:4]))
    refused = habitue(
        "funnel", "Seen", "Bought", "--people", 2, "--as", "executive", "--project", drawn_project, "--json"
    )
    assert refused.error["code"] == "ROLE-FORBIDDEN"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["Seen"], "FUNNEL-STEPS"),
        (["Seen", "Seem"], "MEASURE-EVENT"),
        (["Seen", "Seen", "--order", "any"], "FUNNEL-STEPS"),
        (["Seen", "Bought where price > 1"], "RULE-UNKNOWN-NAME"),
        (["Seen", "Bought", "--by", "colour"], "DIMENSION"),
        (["Seen", "Bought", "--within", "soon"], "DURATION"),
        (["Seen", "Bought", "--since", "2026-02-01", "--until", "2026-01-01"], "MEASURE-PERIOD"),
        (["Seen", "Bought", "--people", "3"], "FUNNEL-STEP"),
        (["Seen", "Bought", "--people", "1", "--dropped"], "FUNNEL-STEP"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_a_reason(drawn_project: Path, words: list[str], code: str) -> None:
    outcome = habitue("funnel", *words, "--project", drawn_project, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, code)
    assert outcome.error["do"]


def test_people_read_the_funnel_as_a_table_with_bars(drawn_project: Path) -> None:
    outcome = habitue("funnel", "Seen", "Bought", "--by", "kind", "--project", drawn_project)
    assert outcome.code == 0
    assert all(each in outcome.out for each in ("of first", "Bought", "█", "new", "old"))


def test_only_people_with_a_basis_at_this_moment_count_for_a_purpose(drawn_project: Path, tmp_path: Path) -> None:
    shop = copied(drawn_project, tmp_path / "shop")
    put(shop / "policies" / "news.yaml", "purpose: news\nlabel: News\ndescription: We write to you.\n")
    answer("build", "--project", shop)
    words = ("funnel", "Seen", "Bought", "--people", 1, "--project", shop)
    everybody = answer(*words)["customers"]
    assert answer(*words, "--purpose", "news")["customers"] == []
    one, other = everybody[:2]
    for each in (one, other):
        answer("privacy", "consent", each, "--give", "news", "--project", shop)
    assert answer(*words, "--purpose", "news")["customers"] == [one, other]
    answer("privacy", "consent", one, "--withdraw", "news", "--project", shop)
    assert answer(*words, "--purpose", "news")["customers"] == [other]
    assert answer(*words)["customers"] == everybody
    answer("privacy", "consent", one, "--restrict", "--project", shop)
    assert answer(*words)["customers"] == everybody[1:]
    unknown = habitue(*words, "--purpose", "news or True", "--json")
    assert unknown.error["code"] == "RULE-UNKNOWN-NAME"


def test_a_funnel_is_broken_down_by_traits_and_segments_too(demo_project: Path) -> None:
    words = ("funnel", "Product Viewed", "Order Completed", "--project", demo_project)
    whole = answer(*words)["steps"]
    for by in ("segment.rfm_champions", "trait.country"):
        groups = answer(*words, "--by", by)["groups"]
        assert len(groups) > 1
        for number, step in enumerate(whole):
            assert sum(each["steps"][number]["customers"] for each in groups) == step["customers"]
    inside = answer(*words, "--of", "segment.rfm_champions")["steps"]
    of_segment = answer(*words, "--by", "segment.rfm_champions")["groups"]
    assert next(each["steps"] for each in of_segment if each["value"] == "in") == inside


def test_no_value_of_fewer_than_ten_people_is_named_to_a_role_without_people(demo_project: Path) -> None:
    words = ("funnel", "Product Viewed", "Order Completed", "--by", "trait.city", "--project", demo_project)
    whole, seen = answer(*words), answer(*words, "--as", "marketer")
    sizes = {each["value"]: each["steps"][0]["customers"] for each in whole["groups"]}
    assert all(sizes[each["value"]] >= 10 for each in seen["groups"] if not each["others"])


def test_a_visit_comes_before_what_people_do_in_it(demo_project: Path) -> None:
    words = ("--order", "ordered", "--within", "12h", "--project", demo_project)
    found = answer("funnel", "Session", "Checkout Started", *words)["steps"]
    either = answer("funnel", "Checkout Started", "Order Completed", *words)["steps"]
    assert found[1]["customers"] == either[0]["customers"] > 100
