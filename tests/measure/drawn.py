"""Small projects of events drawn by chance, close to each other and often at the same instant."""

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.projects import SETTINGS, put
from tests.terminal import answer

SOURCE = """source: {name}
files: {name}.csv
columns:
  user_id: {{field: customer, type: text, required: true}}
  at: {{field: happened_at, type: time, formats: ["%Y-%m-%d %H:%M:%S", "%d-%m-%Y"], required: true}}
  kind: {{field: kind, type: text}}
makes:
  - event: {event}
    customer: customer
    occurred_at: happened_at
    properties: {{kind: kind}}
"""


def project_of(folder: Path, events: Mapping[str, Iterable[tuple[str, str, str]]]) -> Path:
    """A project with a source for each event: who, when, and a property `kind`."""
    put(folder / "habitue.yaml", SETTINGS)
    for number, (event, rows) in enumerate(events.items()):
        name = f"from_{number}"
        put(folder / "sources" / f"{name}.yaml", SOURCE.format(name=name, event=event))
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", "at", "kind"])
            writer.writerows(rows)
    answer("build", "--project", folder)
    return folder


Happened = tuple[str, datetime, int, str]
"""Who, when, the place of the event's name, its kind."""
START = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = ("Seen", "Added", "Bought", "Asked")


def drawn(seed: int, people: int) -> list[Happened]:
    """Events close to each other and often at the same instant."""
    chance = random.Random(seed)
    return [
        (
            f"c{who:03}",
            START + timedelta(hours=chance.randrange(72)),
            chance.choices(range(4), (4, 3, 2, 1))[0],
            chance.choice(("new", "old")),
        )
        for who in range(people)
        for _ in range(chance.randrange(9))
    ]


def project_of_drawn(folder: Path, happened: Sequence[Happened]) -> Path:
    """What was drawn as a project, built."""
    events = {
        name: [(who, f"{at:%Y-%m-%d %H:%M:%S}", kind) for who, at, place, kind in happened if place == number]
        for number, name in enumerate(EVENTS)
    }
    return project_of(folder, events)
