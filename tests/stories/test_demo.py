"""The demonstration shop: built, asked, changed, and asked again."""

from pathlib import Path

from tests.projects import put, tables_of
from tests.terminal import Json, answer, files_of, habitue

RECENT = "segment: late_orders\nrule: did('Order Completed', last='90d')\n"


def statuses(built: Json) -> dict[str, str]:
    """How each step of a build ended."""
    return {step["name"]: step["status"] for step in built["steps"]}


def test_a_second_build_finds_everything_fresh(demo: Path) -> None:
    before = tables_of(demo)
    again = answer("build", "--project", demo)
    assert set(statuses(again).values()) == {"fresh"}
    assert tables_of(demo) == before
    assert {step["status"] for step in answer("plan", "--project", demo)["steps"]} == {"fresh"}


def test_the_same_seed_gives_the_same_shop(demo_project: Path, tmp_path: Path) -> None:
    answer("demo", "--customers", 500, "--seed", 3, "--dir", tmp_path / "again", "--no-serve")
    one, other = (files_of(folder / "data", without=()) for folder in (demo_project, tmp_path / "again"))
    assert one == other
    # How large a history of random ids is when packed is chance.
    assert tables_of(tmp_path / "again") | {"built": ""} == tables_of(demo_project) | {"built": ""}


def test_the_demo_shows_planted_segments_and_counts_its_bad_rows(demo_project: Path) -> None:
    listed = answer("segments", "list", "--project", demo_project)
    assert {"name", "label", "customers", "share", "purpose", "rule", "words"} <= set(listed[0])
    assert all(each["words"].endswith(".") for each in listed)
    sizes = {each["name"]: each["customers"] for each in listed}
    assert sizes["cart_abandoner"] > 0
    assert sum(size for name, size in sizes.items() if name.startswith("rfm_")) > 0
    assert len(answer("sources", "failed", "--project", demo_project)) == 30
    assert all(each["failed"] <= 10 for each in answer("sources", "list", "--project", demo_project))


def test_members_come_in_pages_that_add_up(demo_project: Path) -> None:
    whole = answer("segments", "members", "not_reading", "--project", demo_project)
    pages: list[str] = []
    after: tuple[str, ...] = ()
    while True:
        page = answer("segments", "members", "not_reading", "--limit", 40, *after, "--project", demo_project)
        pages += page["customers"]
        if page["next_cursor"] is None:
            break
        after = ("--after", page["next_cursor"])
    assert pages == whole["customers"] == sorted(whole["customers"])
    listed = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", demo_project)}
    assert len(pages) == listed["not_reading"]


def test_every_member_is_explained_as_one_and_every_other_as_none(demo_project: Path) -> None:
    for name in ("cart_abandoner", "rfm_champions", "lifecycle_active"):
        members = answer("segments", "members", name, "--project", demo_project)["customers"]
        others = answer("segments", "members", "lifecycle_lost", "--project", demo_project)["customers"]
        for customer in members[:3]:
            said = answer("segments", "explain", name, customer, "--project", demo_project)
            assert said["member"] is True
            assert said["since"] is not None
            assert said["leaves"]
        for customer in others[:2]:
            assert answer("segments", "explain", name, customer, "--project", demo_project)["member"] is False


def test_a_customer_can_be_named_by_a_trait(demo_project: Path) -> None:
    crm = (demo_project / "data/crm.csv").read_text("utf-8").splitlines()
    columns = crm[0].split(",")
    emails = [line.split(",")[columns.index("email")] for line in crm[1:]]
    once = next(each for each in emails if each and emails.count(each) == 1 and "@" in each)
    said = answer("segments", "explain", "lifecycle_active", f"email:{once}", "--project", demo_project)
    assert said["customer"]


def test_an_edited_rule_makes_only_the_answers_anew(demo: Path) -> None:
    put(demo / "segments/more.yaml", RECENT)
    first = answer("build", "--project", demo)
    assert {name for name, status in statuses(first).items() if status == "done"} == {"features", "segments"}
    put(demo / "segments/more.yaml", RECENT.replace("90d", "30d"))
    assert {step["name"] for step in answer("plan", "--project", demo)["steps"] if step["status"] == "stale"} == {
        "features",
        "segments",
    }
    answer("build", "--project", demo)
    before, after = answer("segments", "history", "late_orders", "--project", demo)
    assert before["rule"] != after["rule"]
    assert (after["entered"], after["customers"]) == (0, before["customers"] - after["left"])


def test_time_that_passes_moves_people_out_and_history_keeps_it(demo: Path) -> None:
    put(demo / "segments/more.yaml", RECENT)
    answer("build", "--project", demo)
    later = answer("build", "--as-of", "2026-08-15", "--project", demo)
    assert later["as_of"] == "2026-08-14T23:00:00Z"
    assert {name for name, status in statuses(later).items() if status == "done"} == {"features", "segments"}
    first, second = answer("segments", "history", "late_orders", "--project", demo)
    assert second["left"] > 0
    assert second["customers"] == first["customers"] + second["entered"] - second["left"]
    members = answer("segments", "members", "late_orders", "--project", demo)
    assert (len(members["customers"]), members["as_of"]) == (second["customers"], later["as_of"])


def test_an_earlier_instant_is_refused_and_a_full_build_begins_anew(demo: Path) -> None:
    before = tables_of(demo)
    refused = habitue("build", "--as-of", "2026-06-01", "--project", demo, "--json")
    assert (refused.code, refused.error["code"]) == (1, "BUILD-PAST")
    assert tables_of(demo) == before
    assert answer("build", "--as-of", "2026-06-01", "--full", "--project", demo)["as_of"] == "2026-05-31T23:00:00Z"
    assert len(answer("segments", "history", "rfm_champions", "--project", demo)) == 1


def test_overlap_is_symmetric_in_its_parts_and_bounded_by_them(demo_project: Path) -> None:
    sizes = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", demo_project)}
    pairs = answer("segments", "overlap", "--project", demo_project)
    assert all(0 < each["customers"] <= min(sizes[each["one"]], sizes[each["other"]]) for each in pairs)
    assert all(each["one"] < each["other"] for each in pairs)


def test_a_preview_of_a_segments_rule_has_its_size_and_counts_its_parts(demo_project: Path) -> None:
    listed = {each["name"]: each for each in answer("segments", "list", "--project", demo_project)}
    rule = "segment.lifecycle_active and not segment.not_reading"
    found = answer("segments", "preview", rule, "--project", demo_project)
    assert found["of"] == 614
    assert [leaf["customers"] for leaf in found["leaves"]] == [
        listed["lifecycle_active"]["customers"],
        listed["not_reading"]["customers"],
    ]
    assert answer("segments", "describe", rule, "--project", demo_project)["tree"]


def test_every_listing_fits_a_narrow_terminal(demo_project: Path) -> None:
    for words in (
        ("segments", "list"),
        ("segments", "show", "rfm_champions"),
        ("segments", "overlap"),
        ("segments", "history", "rfm_champions"),
        ("features", "list"),
        ("features", "show", "monetary"),
        ("sources", "list"),
        ("sources", "failed"),
        ("sources", "profile"),
        ("plan",),
        ("check",),
    ):
        said = habitue(*words, "--project", demo_project, columns=80)
        assert said.code == 0, (words, said.err)
        assert [line for line in said.out.splitlines() if len(line) > 80] == [], words
        assert "\x1b" not in said.out


def test_with_json_standard_output_holds_one_document_and_quiet_silences_the_rest(demo_project: Path) -> None:
    for words in (("segments", "list"), ("features", "list"), ("sources", "list"), ("plan",), ("segments", "overlap")):
        said = habitue(*words, "--json", "--quiet", "--project", demo_project)
        assert (said.code, said.err) == (0, ""), words
        assert isinstance(said.json, list | dict)
