"""How a command ends: one exit code for each cause, one document with --json, and never a traceback."""

import errno
import json
from pathlib import Path

import pytest

from habitue.cli.ending import DONE, FAILED, STOPPED, run
from habitue.config import MisplacedError
from habitue.errors import Fault, ProjectFaultsError


def ended(
    capsys: pytest.CaptureFixture[str], error: BaseException | None, *, as_json: bool = False
) -> tuple[int, str, str]:
    def program() -> None:
        if error is not None:
            raise error

    code = run(program, as_json=as_json)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_command_that_ends_well_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(capsys, None) == (DONE, "", "")
    assert run(lambda: 3, as_json=False) == 3
    assert run(lambda: "anything", as_json=False) == DONE


def test_an_error_of_ours_is_its_two_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capsys, MisplacedError(Path("shop"), "it is a file"))
    assert (code, out) == (FAILED, "")
    assert err.startswith("PATH: 'shop' cannot be written: it is a file.")
    code, out, _ = ended(capsys, MisplacedError(Path("shop"), "it is a file"), as_json=True)
    assert set(json.loads(out)["error"]) == {"code", "what", "do"}


def test_faults_are_listed_one_by_one_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    faults = [
        Fault(file="a.yaml", line=3, code="X", what="Wrong.", do="Mend."),
        Fault(file="b.yaml", line=0, code="Y", what="Bad.", do="Stop."),
    ]
    code, out, err = ended(capsys, ProjectFaultsError(faults), as_json=True)
    assert code == FAILED
    assert [each["line"] for each in json.loads(out)["faults"]] == [3, 0]
    assert "a.yaml:3: X" in err
    assert "b.yaml: Y" in err
    assert "2 faults." in err


def test_a_stop_by_hand_has_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ended(capsys, KeyboardInterrupt())
    assert (code, err) == (STOPPED, "Stopped; nothing half-written is left.\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "MEMORY"),
        (OSError(errno.ENOSPC, "No space left on device"), "DISK-FULL"),
        (PermissionError(errno.EACCES, "Permission denied", "/etc/shadow"), "NOT-WRITABLE"),
        (ValueError("ann@example.com is not a number"), "UNEXPECTED"),
        (RecursionError("too deep"), "UNEXPECTED"),
    ],
)
def test_what_libraries_raise_becomes_a_sentence_without_their_text(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: str
) -> None:
    outcome, out, err = ended(capsys, error, as_json=True)
    assert outcome == FAILED
    assert json.loads(out)["error"]["code"] == code
    assert "ann@example.com" not in out + err
    assert "Traceback" not in out + err


def test_a_traceback_is_shown_on_request_beside_the_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HABITUE_DEBUG", "1")
    _, out, err = ended(capsys, ValueError("seven"), as_json=True)
    assert json.loads(out)["error"]["code"] == "UNEXPECTED"
    assert "Traceback" in err
    assert "seven" in err


def test_a_wish_to_exit_is_left_alone() -> None:
    def program() -> None:
        raise SystemExit(7)

    with pytest.raises(SystemExit) as end:
        run(program, as_json=False)
    assert end.value.code == 7
