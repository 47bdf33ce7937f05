"""`python -m bench.erasure`: people erased out of many, and every file searched for them before and after.

Before, the scanner has to find every planted identifier in the decoded stores, and none of them without the keys
(folder theft). After the answer, after a rebuild, after the files were read again, and after an older copy of the
state was restored, it has to find none, while everybody else's are all still there.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.erasure_people import make_people, write_shop
from bench.resources import cpu_seconds
from bench.scanner import Scan, Scanner
from habitue.cli.clock import system_surroundings
from habitue.config import STATE_FOLDER
from habitue.run.building import BuildOrder
from habitue.run.erasing import erase
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace

DONE, BROKEN = 0, 3
NOW = datetime(2026, 3, 1, tzinfo=UTC)
_WATCHED = 200


@dataclass(slots=True, kw_only=True)
class Proof:
    """What was found, step by step.

    Attributes:
        people: How many people there were.
        erased: How many were erased.
        planted: Identifiers of those who were erased.
        control: Of these, found before the erasure in the decoded stores.
        theft: Found before the erasure without the keys, in the files or decoded.
        left: Found after each step, in the files or decoded and opened: place and form.
        others_lost: Identifiers of people who stayed that were there before and are not any longer, after each step.
        seconds: Wall time of each step.
        cpu_s: CPU time of the erasure.
        scanned_mb: What all scans read.
        rows: Rows that went, by store.
    """

    people: int
    erased: int
    planted: int = 0
    control: int = 0
    theft: list[str] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    others_lost: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_s: float = 0.0
    scanned_mb: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether everything was as promised."""
        lost = any(self.others_lost.values())
        return self.control == self.planted and not self.theft and not any(self.left.values()) and not lost


class Trial:
    """One shop, and the people to be erased from it."""

    def __init__(self, folder: Path, people: int, erased: int, seed: int) -> None:
        self.folder = folder / "shop"
        self.state = self.folder / STATE_FOLDER
        self.around = replace(
            system_surroundings(), clock=lambda: NOW, environ={"XDG_CONFIG_HOME": str(folder / "keys")}
        )
        crowd = make_people(people, seed)
        step = max(1, people // erased)
        self.chosen = crowd[::step][:erased]
        self.others = [each for each in crowd if each not in set(self.chosen)]
        write_shop(self.folder, crowd, broken=range(0, people, max(1, step // 2)))
        self.proof = Proof(people=people, erased=len(self.chosen))
        wanted = [value for each in self.chosen for value in each.values]
        self.proof.planted = len(wanted)
        others = [value for each in self.others for value in each.values]
        self.scanner = Scanner(wanted, others=others)
        watched = self.others[:: max(1, len(self.others) // _WATCHED)][:_WATCHED]
        self.watch = Scanner([value for each in watched for value in each.values], others=wanted)
        self.watched = 0

    def run(self) -> Proof:
        """Every step in turn."""
        self._timed("build", self._build)
        self._before()
        shutil.copytree(self.state, self.folder.parent / "older")
        self._timed("erase", self._erase)
        self._after("erased")
        self._timed("rebuild", lambda: self._build(full=True))
        self._after("rebuilt with --full")
        with (self.folder / "data" / "orders.csv").open("a", encoding="utf-8") as file:
            file.write("O-more,Unew-customer-9,2026-02-20 10:00:00,1.00,\n")
        self._timed("reload", self._build)
        self._after("files read again")
        shutil.rmtree(self.state)
        shutil.copytree(self.folder.parent / "older", self.state)
        self._timed("restore", self._build)
        self._after("older copy restored")
        return self.proof

    def _timed(self, name: str, step: Callable[[], None]) -> None:
        started = time.perf_counter()
        step()
        self.proof.seconds[name] = round(time.perf_counter() - started, 1)

    @contextmanager
    def _open(self) -> Iterator[Workspace]:
        around: Surroundings = self.around
        with Workspace.open(self.folder, around=around) as workspace:
            yield workspace

    def _build(self, *, full: bool = False) -> None:
        with self._open() as workspace:
            workspace.build(BuildOrder(full=full))

    def _before(self) -> None:
        stolen = self.scanner.files(self.state)
        closed = self.scanner.decoded(self.state, {})
        opened = self._opened(self.scanner)
        self._read(stolen, closed, opened)
        self.proof.theft = [*stolen.said, *closed.said]
        self.proof.control = len(opened.values)
        self.watched = len(self._opened(self.watch).values)

    def _opened(self, scanner: Scanner) -> Scan:
        """What the sealed values of the stores say, opened with the keys that are left."""
        with self._open() as workspace:
            lane = workspace.control.failed
            rows = [text for row in lane.rows(limit=10_000) for text in (row.row, row.repaired or "")]
            cards = (card for _, _, card in workspace.vault.cards())
            return scanner.decoded(Path("/nonexistent"), {"cards": cards, "failed rows": rows})

    def _erase(self) -> None:
        before = cpu_seconds()
        with self._open() as workspace:
            wanted = [f"user_id:{each.account}" for each in self.chosen]
            done = erase(workspace, wanted, actor="bench")
        self.proof.cpu_s = round(cpu_seconds() - before, 1)
        self.proof.rows = {each.store: each.rows for each in done.stores}

    def _after(self, step: str) -> None:
        files, decoded = self.scanner.files(self.state), self.scanner.decoded(self.state, {})
        opened = self._opened(self.scanner)
        self._read(files, decoded, opened)
        self.proof.left[step] = [*files.said, *decoded.said, *opened.said]
        self.proof.others_lost[step] = self.watched - len(self._opened(self.watch).values)

    def _read(self, *scans: Scan) -> None:
        self.proof.scanned_mb = round(self.proof.scanned_mb + sum(each.bytes for each in scans) / 1e6, 1)


def prove(folder: Path, *, people: int, erased: int, seed: int = 7) -> Proof:
    """Erase some people of many, and look for them everywhere."""
    return Trial(folder, people, erased, seed).run()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the proof; 0 when it holds, 3 when it does not."""
    parser = argparse.ArgumentParser(prog="python -m bench.erasure", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="how many there are (100000)")
    parser.add_argument("--erase", type=int, default=1_000, help="how many are erased (1000)")
    parser.add_argument("--seed", type=int, default=7, help="of the made-up people (7)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        proof = prove(Path(folder), people=options.people, erased=options.erase, seed=options.seed)
    sys.stdout.write(json.dumps({**asdict(proof), "holds": proof.holds}, indent=2) + "\n")
    return DONE if proof.holds else BROKEN


if __name__ == "__main__":
    sys.exit(main())
