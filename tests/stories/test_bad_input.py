"""What goes wrong is said in a sentence that names whose value and what to do, and the project stays as it was."""

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.config.disks import small_disk
from tests.projects import ORDERS, SEGMENTS, SETTINGS, copied, corner_shop, put, standing, tables_of
from tests.terminal import Outcome, answer, command, files_of, habitue

# The limit of a file's size stands for the end of a disk: both end in a refused write.
SMALL_FILES = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
"""
HOLDER = """
import sys
from pathlib import Path
from habitue.state import ProjectLock
with ProjectLock(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def refused(project: Path, *words: object, code: str, names: tuple[str, ...], exit_code: int = 1) -> Outcome:
    """A command fails with a code and names what is wrong; nothing of the project changes."""
    before = files_of(project)
    said = habitue(*words, "--project", project)
    as_json = habitue(*words, "--project", project, "--json")
    assert (said.code, as_json.code) == (exit_code, exit_code), said.err
    assert as_json.error["code"] == code
    told = as_json.error["what"] + as_json.error["do"] + as_json.out
    assert [name for name in names if name not in told and name not in said.err] == []
    assert as_json.error["do"].strip()
    assert "Traceback" not in said.err + as_json.err
    assert files_of(project) == before
    return said


def test_a_missing_column_is_named_with_its_file_and_its_likeness(shop: Path) -> None:
    before = standing(shop)
    put(shop / "orders.csv", ORDERS.replace("amount", "ammount", 1))
    refused(shop, "build", code="SOURCE-COLUMN", names=("orders.csv", "'amount'", "'ammount'"))
    put(shop / "orders.csv", ORDERS)
    assert standing(shop) == before


def test_an_unknown_event_in_a_segment_is_a_fault_with_file_and_line(shop: Path) -> None:
    put(shop / "segments/more.yaml", "segment: typo\nrule: did('Order Complete')\n")
    said = refused(shop, "build", code="PROJECT-FAULTS", names=("'Order Complete'", "'Order Completed'"))
    assert "segments/more.yaml:2" in said.err


def test_a_typo_in_a_rule_is_pointed_at(shop: Path) -> None:
    rule = "did('Order Completed') and feature.spend_evr > 3"
    said = refused(shop, "segments", "preview", rule, code="RULE-UNKNOWN-NAME", names=("'spend_evr'", "'spend_ever'"))
    shown = said.err.splitlines()
    line = next(number for number, text in enumerate(shown) if text.strip() == rule)
    caret = shown[line + 1].index("^") - shown[line].index(rule)
    assert rule[caret:].startswith("feature.spend_evr")


@pytest.mark.parametrize("rule", ["did('Order Completed'", "count(", "1 +", "did('Order Completed') = True", ""])
def test_a_rule_that_cannot_be_read_is_refused_in_a_sentence(shop: Path, rule: str) -> None:
    outcome = habitue("segments", "describe", rule, "--project", shop, "--json")
    assert outcome.code == 1
    assert outcome.error["code"] == "RULE-SYNTAX"
    assert outcome.error["do"]


def test_two_segments_in_a_circle_are_reported_once_with_the_circle(shop: Path) -> None:
    put(shop / "segments/circle.yaml", "segment: one\nrule: segment.two\n---\nsegment: two\nrule: not segment.one\n")
    said = refused(shop, "check", code="PROJECT-FAULTS", names=("RULE-CYCLE", "one", "two", "circle"))
    assert said.err.count("RULE-CYCLE") == 1


def test_every_fault_of_every_file_is_reported_at_once(shop: Path) -> None:
    put(shop / "segments/a.yaml", "segment: a\nrule: did('Nothing')\n")
    put(shop / "segments/b.yaml", "segment: b\nrul: true\n")
    put(shop / "habitue.yaml", SETTINGS.replace("Europe/London", "Europe/Londres"))
    said = habitue("check", "--project", shop)
    assert said.code == 1
    assert {"habitue.yaml:3", "segments/b.yaml:2"} <= {line.split(": ")[0] for line in said.err.splitlines()}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SOURCE-EMPTY"),
        (b"order,customer,at,amount,coupon\n", "SOURCE-EMPTY"),
        (b"PAR1" + bytes(64) + b"PAR1", "SOURCE-FORMAT"),
        (b"\x1f\x8b\x08\x00broken", "SOURCE-BROKEN"),
        (gzip.compress(ORDERS.encode())[:-12], "SOURCE-BROKEN"),
    ],
)
def test_a_file_that_is_empty_or_not_what_it_says_is_refused(shop: Path, content: bytes, code: str) -> None:
    before = tables_of(shop)
    (shop / "orders.csv").write_bytes(content)
    refused(shop, "build", code=code, names=("orders.csv",))
    assert tables_of(shop) == {**before, "built": tables_of(shop)["built"]}


def test_a_file_that_is_gone_is_named(shop: Path) -> None:
    (shop / "orders.csv").unlink()
    refused(shop, "build", code="SOURCE-NO-FILE", names=("orders", "orders.csv"))


@pytest.mark.parametrize("name", ["empty.csv", "photo.jpg", "absent.csv"])
def test_start_refuses_files_it_cannot_use_and_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    if name != "absent.csv":
        (tmp_path / name).write_bytes(b"" if name == "empty.csv" else bytes(range(256)) * 40)
    outcome = habitue("start", tmp_path / name, "--dir", tmp_path / "shop", "--no-serve", "--json")
    assert outcome.code == 1
    assert name in outcome.error["what"]
    assert not (tmp_path / "shop").exists()


def test_a_new_project_is_not_put_over_what_is_there(tmp_path: Path) -> None:
    put(tmp_path / "taken/notes.txt", "mine")
    put(tmp_path / "orders.csv", ORDERS)
    outcome = habitue("start", tmp_path / "orders.csv", "--dir", tmp_path / "taken", "--no-serve", "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "START-FOLDER")
    assert files_of(tmp_path / "taken") == {"notes.txt": b"mine"}


def test_a_full_disk_is_said_and_leaves_the_answers_as_they_were(shop: Path) -> None:
    before = standing(shop)
    put(shop / "orders.csv", ORDERS + "".join(f"{n},new{n},2026-03-29 10:00:00,1.00,\n" for n in range(9, 60_000)))

    done = subprocess.run(
        command("build", "--project", shop, "--json", first=SMALL_FILES),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert any(code in done.stdout for code in ("DISK", "WAREHOUSE-FULL")), done.stdout
    put(shop / "orders.csv", ORDERS)
    assert standing(shop) == before
    assert answer("build", "--project", shop)["as_of"] == "2026-03-28T23:59:59Z"


@pytest.mark.parametrize("size", ["4m", "6m", "9m"])
def test_a_real_disk_that_ends_leaves_the_answers_as_they_were(shop_project: Path, tmp_path: Path, size: str) -> None:
    with small_disk(tmp_path / "disk", size) as disk:
        project = copied(shop_project, disk / "shop")
        before = standing(project)
        rows = "".join(f"{n},new{n},2026-03-29 10:00:00,1.00,\n" for n in range(9, 60_000))
        put(tmp_path / "orders.csv", ORDERS + rows)
        source = (project / "sources/orders.yaml").read_text("utf-8")
        put(project / "sources/orders.yaml", source.replace("orders.csv", str(tmp_path / "orders.csv")))
        outcome = habitue("build", "--project", project, "--json")
        assert outcome.code == 1
        assert outcome.error["code"] in ("DISK-FULL", "WAREHOUSE-FULL")
        put(project / "sources/orders.yaml", source)
        assert standing(project) == before


def test_a_second_process_is_told_who_has_the_project(shop: Path) -> None:
    holder = [sys.executable, "-c", HOLDER, str(shop)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        refused(shop, "segments", "list", code="PROJECT-BUSY", names=(str(other.pid), str(shop)))
        other.communicate("")
    assert habitue("segments", "list", "--project", shop).code == 0


def test_a_killed_holder_is_no_obstacle(shop: Path) -> None:
    holder = [sys.executable, "-c", HOLDER, str(shop)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
    assert habitue("segments", "list", "--project", shop).code == 0


@pytest.mark.parametrize(
    "words",
    [("segmets",), ("segments", "lst"), ("segments", "list", "--jsn"), ("segments", "members"), ("build", "-q")],
)
def test_an_unknown_word_is_a_matter_of_usage(words: tuple[str, ...]) -> None:
    said = habitue(*words)
    assert said.code == 2
    assert "Usage:" in said.err
    as_json = habitue(*words, "--json")
    assert (as_json.code, as_json.error["code"]) == (2, "USAGE")


def test_where_there_is_no_project_that_is_said(tmp_path: Path) -> None:
    outcome = habitue("segments", "list", "--project", tmp_path, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "PROJECT-NOT-FOUND")
    assert str(tmp_path) in outcome.error["what"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("segments", "members", "recent"),
        ("segments", "explain", "recent", "ann"),
        ("segments", "preview", "did('Order Completed')"),
        ("features", "show", "spend_ever"),
        ("sources", "profile"),
    ],
)
def test_a_question_before_the_first_build_says_to_build(tmp_path: Path, words: tuple[str, ...]) -> None:
    project = corner_shop(tmp_path / "shop")
    refused(project, *words, code="NOT-BUILT", names=("habitue build",))


@pytest.mark.parametrize(
    ("words", "code", "names"),
    [
        (("segments", "members", "recnt"), "RULE-UNKNOWN-NAME", ("'recnt'", "'recent'")),
        (("segments", "explain", "recent", "nobody"), "CUSTOMER-UNKNOWN", ("id",)),
        (("segments", "explain", "recent", "email:a@b.example"), "CUSTOMER-IDENTIFIER", ("'email'",)),
        (("features", "show", "spend"), "RULE-UNKNOWN-NAME", ("'spend'",)),
        (("sources", "failed", "orderz"), "SOURCE-UNKNOWN", ("'orderz'", "'orders'")),
        (("sources", "profile", "Order Complete"), "SOURCE-UNKNOWN", ("'Order Complete'", "'Order Completed'")),
        (("sources", "replay", "--set", "999", "amount=1"), "FAILED-UNKNOWN", ("999",)),
        (("build", "--select", "segmets"), "BUILD-STEP", ("'segmets'", "segments")),
        (("build", "--as-of", "2026-01-01"), "BUILD-PAST", ("2026-01-01", "--full")),
    ],
)
def test_what_is_not_there_is_named(shop: Path, words: tuple[str, ...], code: str, names: tuple[str, ...]) -> None:
    refused(shop, *words, code=code, names=names)


def test_a_damaged_warehouse_is_said_and_made_again(shop: Path) -> None:
    before = tables_of(shop)
    (shop / ".habitue/warehouse.duckdb").write_bytes(b"not a database at all" * 100)
    said = refused(shop, "segments", "list", code="WAREHOUSE", names=("warehouse.duckdb", "habitue build"))
    assert "delete" in said.err
    assert answer("build", "--full", "--project", shop)["as_of"] == "2026-03-28T23:59:59Z"
    after = tables_of(shop)
    assert {**after, "built": ""} == {**before, "built": ""}


def test_a_deleted_warehouse_comes_back_equal(demo: Path) -> None:
    put(demo / "segments/more.yaml", "segment: late\nrule: did('Order Completed', last='90d')\n")
    answer("build", "--as-of", "2026-07-20", "--project", demo)
    before = tables_of(demo)
    (demo / ".habitue/warehouse.duckdb").unlink()
    answer("build", "--as-of", "2026-07-20", "--project", demo)
    assert {**tables_of(demo), "built": ""} == {**before, "built": ""}


@pytest.fixture(scope="module")
def edited(demo_project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], int]:
    """A built shop whose data and rules were changed since; with the tables and a size that the next build gives."""
    folder = tmp_path_factory.mktemp("edited")
    project = copied(demo_project, folder / "demo")
    put(project / "segments/more.yaml", "segment: late\nrule: did('Order Completed', last='90d')\n")
    refunds = project / "data/refunds.csv"
    refunds.write_text("".join(refunds.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
    whole = copied(project, folder / "whole")
    answer("build", "--project", whole)
    return project, tables_of(whole), answer("segments", "history", "late", "--project", whole)[-1]["customers"]


@pytest.mark.parametrize("moment", [1.2, 2.0, 2.8])
def test_a_build_killed_at_any_moment_is_completed_by_the_next(
    edited: tuple[Path, dict[str, str], int], tmp_path: Path, moment: float
) -> None:
    project, expected, late = copied(edited[0], tmp_path / "demo"), edited[1], edited[2]
    with subprocess.Popen(command("build", "--project", project), stdout=subprocess.DEVNULL) as build:
        time.sleep(moment)
        os.kill(build.pid, signal.SIGKILL)
    answer("build", "--project", project)
    assert {**tables_of(project), "built": ""} == {**expected, "built": ""}
    assert answer("segments", "history", "late", "--project", project)[-1]["customers"] == late


def test_a_start_stopped_by_hand_leaves_no_project_behind(tmp_path: Path) -> None:
    rows = "".join(f"{n},c{n % 5000},2026-03-{1 + n % 28:02} 10:00:00,{n % 90}.50,\n" for n in range(300_000))
    put(tmp_path / "orders.csv", ORDERS.splitlines(keepends=True)[0] + rows)
    words = ("start", tmp_path / "orders.csv", "--dir", tmp_path / "shop", "--no-serve")
    with subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as start:
        for _ in range(600):
            if (tmp_path / "shop/.habitue").exists() or start.poll() is not None:
                break
            time.sleep(0.05)
        start.send_signal(signal.SIGINT)
        said = start.communicate()[1]
    assert start.returncode == 130
    assert "Stopped" in said
    assert "Traceback" not in said
    assert not (tmp_path / "shop").exists()


def test_an_error_nobody_foresaw_is_a_sentence_and_a_traceback_only_on_request(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (shop / ".habitue/history").glob("*-sizes.parquet"):
        path.write_bytes(b"PAR1 but not really PAR1")
    plain = habitue("segments", "list", "--project", shop, "--json")
    assert plain.code == 1
    assert plain.error["code"] == "UNEXPECTED"
    assert "segments/history.py" in plain.error["what"]
    assert "Traceback" not in plain.err
    monkeypatch.setenv("HABITUE_DEBUG", "1")
    assert "Traceback" in habitue("segments", "list", "--project", shop).err


def test_an_output_that_takes_nothing_ends_the_command_quietly(shop: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("segments", "list", "--project", shop), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "DISK-FULL" in done.stderr


def test_rows_that_fail_name_no_value_in_their_reason(shop: Path) -> None:
    put(shop / "orders.csv", ORDERS + "9,fay@example.com,2026-03-28,secret-amount,\n")
    answer("build", "--project", shop)
    rows = answer("sources", "failed", "--project", shop)
    assert [(row["stage"], row["line"]) for row in rows] == [("type", 10)]
    assert "secret-amount" not in rows[0]["reason"]
    assert rows[0]["row"]["amount"] == "secret-amount"


def test_segments_file_without_a_rule_is_a_fault(shop: Path) -> None:
    put(shop / "segments/all.yaml", SEGMENTS + "---\nsegment: empty\n")
    refused(shop, "build", code="PROJECT-FAULTS", names=("rule",))
