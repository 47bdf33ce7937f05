"""What a served project does by itself: builds what is due, and has the live reading take over what came of it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.errors import HabitueError
from habitue.run.project import Project
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner
from habitue.server.telling import Teller
from habitue.server.upkeep import HOLD_S, Upkeep
from tests.projects import put


def test_what_a_build_that_failed_has_left_is_taken_over_too(shop: Path) -> None:
    put(shop / "sources" / "site.yaml", "source: site\ncollect: true\n")
    around, changed = system_surroundings(), list[Project]()
    owner = Owner(lambda: Workspace.open(shop, around=around))
    told = io.StringIO()
    upkeep = Upkeep(owner, clock=around.clock, teller=Teller(told, around.clock), changed=changed.append)
    try:
        (shop / "orders.csv").unlink()
        with pytest.raises(HabitueError):
            owner.submit(upkeep.tend).result()
        assert changed == [owner.watch.last]
    finally:
        owner.close()


def test_what_files_declare_is_taken_over_also_where_a_command_read_them_first(shop: Path) -> None:
    around, changed = system_surroundings(), list[Project]()
    owner = Owner(lambda: Workspace.open(shop, around=around))
    upkeep = Upkeep(owner, clock=around.clock, teller=Teller(io.StringIO(), around.clock), changed=changed.append)

    def command(workspace: Workspace) -> None:
        workspace.project = owner.watch.current()

    try:
        # The first time it builds, and has that taken over.
        owner.submit(upkeep.tend).result()
        changed.clear()
        put(shop / "segments" / "more.yaml", "segment: nothing\nrule: count('Order Completed') == 0\n")
        owner.submit(command).result()
        owner.submit(upkeep.tend).result()
        assert changed == [owner.watch.last]
        assert "nothing" in changed[0].segments
    finally:
        owner.close()


def test_the_first_build_waits_until_it_may_begin_but_not_for_ever(shop: Path) -> None:
    put(shop / "sources" / "site.yaml", "source: site\ncollect: true\n")
    around, told, allowed, later = system_surroundings(), io.StringIO(), list[bool](), list[timedelta]()
    owner = Owner(lambda: Workspace.open(shop, around=around))

    def builds_of(upkeep: Upkeep) -> int:
        owner.submit(upkeep.tend).result()
        return told.getvalue().count('"built"')

    def upkeep() -> Upkeep:
        return Upkeep(
            owner,
            clock=lambda: around.clock() + sum(later, timedelta()),
            teller=Teller(told, around.clock),
            changed=lambda _: None,
            may_begin=lambda: bool(allowed),
        )

    try:
        first = upkeep()
        assert [builds_of(first), builds_of(first)] == [0, 0]
        allowed.append(True)
        assert builds_of(first) == 1
        allowed.clear()
        second = upkeep()
        assert builds_of(second) == 1
        later.append(timedelta(seconds=HOLD_S + 1))
        assert builds_of(second) == 2
    finally:
        owner.close()
