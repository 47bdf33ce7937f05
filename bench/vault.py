"""`python -m bench.vault`: CPU time of the vault for a million new people with one card each, and what else it does.

Promised: new records and their sealed cards, together at most 30 CPU-seconds a million. Cards are written as text
beforehand: that is the work of whoever calls the vault.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.resources import cpu_seconds, peak_mb
from habitue.govern.opening import open_vault
from habitue.govern.rotation import rotate
from habitue.govern.vault import VAULT_FILE, Vault

DONE, BROKEN = 0, 3
AT_MOST_S: Final = 30.0
PROMISED: Final = ("new records", "new cards")
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU seconds by step, in the order they were taken."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Time the block."""
        started = cpu_seconds()
        yield
        self.seconds[step] = round(cpu_seconds() - started, 3)

    @property
    def promised(self) -> float:
        """What the promise is about."""
        return sum(self.seconds[step] for step in PROMISED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 3 when new people and their cards take more CPU time than promised for so many."""
    parser = argparse.ArgumentParser(prog="python -m bench.vault", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="people (1000000)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        size_mb = _measure(Path(folder), options.people, figures)
    at_most = AT_MOST_S * options.people / 1_000_000
    document = {
        "people": options.people,
        "cpu_s": figures.seconds,
        "promised_cpu_s": round(figures.promised, 2),
        "at_most_cpu_s": at_most,
        "file_mb": size_mb,
        "peak_mb": round(peak_mb()),
    }
    sys.stdout.write(json.dumps(document) + "\n" if options.json else _page(document, figures))
    return DONE if figures.promised <= at_most else BROKEN


def _page(document: dict[str, object], figures: Figures) -> str:
    lines = [f"{step:26}{seconds:8.2f} s CPU" for step, seconds in figures.seconds.items()]
    told = ", ".join(f"{name} {value}" for name, value in document.items() if name != "cpu_s")
    return "\n".join([*lines, told, ""])


def _measure(folder: Path, people: int, figures: Figures) -> int:
    """Take every step of a vault's life once; the size of its file, 10^6 bytes."""
    project = folder / "project"
    project.mkdir()
    chance = random.Random(1).randbytes
    with open_vault(project, environ={}, home=folder, random=chance) as vault:
        records = _fill(vault, people, figures)
        _read(vault, people, figures)
        with figures.of("erase one"):
            vault.erase(records[:1], now=_NOW)
        with figures.of("erase 1,000"):
            vault.erase(records[1:1_001], now=_NOW)
        size_mb = (project / ".habitue" / VAULT_FILE).stat().st_size // 1_000_000
    with figures.of("rotate the master key"):
        rotate(project, environ={}, home=folder, random=chance, now=_NOW)
    return size_mb


def _fill(vault: Vault, people: int, figures: Figures) -> list[str]:
    cards = [_card(number) for number in range(people)]
    with figures.of("names"):
        names = vault.names("user_id", map(str, range(people)))
    with figures.of("new records"):
        records = [record for record in vault.assign(names, now=_NOW) if record is not None]
    with figures.of("new cards"):
        vault.put_cards("crm", records, cards)
    for namespace in ("email", "phone"):
        # Every tenth address is somebody else's too.
        values = (str(number if number % 10 else number // 2) for number in range(people))
        pairs = list(zip(records, vault.names(namespace, values), strict=True))
        with figures.of(f"carried: {namespace}"):
            vault.put_carried(namespace, pairs)
        with figures.of(f"carried again: {namespace}"):
            vault.put_carried(namespace, pairs)
    return records


def _read(vault: Vault, people: int, figures: Figures) -> None:
    names = vault.names("user_id", map(str, range(people)))
    with figures.of("records found again"):
        vault.assign(names, now=_NOW)
    with figures.of("all cards opened"):
        for _ in vault.cards():
            pass
    with figures.of("all carried read"):
        vault.carried()


def _card(number: int) -> str:
    return json.dumps(
        {
            "id": [["user_id", str(number)]],
            "identifiers": {"email": [f"person{number}@example.com"], "phone": [f"+43{number:010}"]},
            "traits": {"first_name": "Johanna", "last_name": "Beispiel", "birth_date": "1987-05-31"},
        }
    )


if __name__ == "__main__":
    sys.exit(main())
