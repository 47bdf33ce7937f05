"""Links are facts: they are added, the newest holds, and nothing changes one."""

import sqlite3
import stat
from pathlib import Path

import pytest

from habitue.identity.edges import Edges
from habitue.identity.links import IDENTITY_FILE, Links, LinkState, RecordUnknownError
from habitue.identity.settling import read_graph
from tests.identity.stores import LATER, NOW, known, link, opened


def test_the_file_is_private(tmp_path: Path) -> None:
    with Links.open(tmp_path):
        path = tmp_path / ".habitue" / IDENTITY_FILE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_stored_fact_cannot_be_changed() -> None:
    with opened() as links:
        known(links, 2)
        link(links, ("r0", "r1"))
        with pytest.raises(sqlite3.DatabaseError, match="only ever added"):
            links.connection.execute("UPDATE links SET weight = 9")


def test_records_keep_their_numbers_and_older_ones_have_smaller_ones() -> None:
    with opened() as links:
        first = links.register(["b", "a"], now=NOW).tolist()
        again = links.register(["c", "a", "b"], now=LATER).tolist()
        assert first == [1, 2]
        assert again[1:] == [2, 1]
        assert again[0] > 2


def test_the_newest_fact_of_a_pair_and_rule_holds() -> None:
    with opened() as links:
        known(links, 3)
        link(links, ("r0", "r1"), ("r1", "r2"))
        links.add(
            Edges.of([1], [2], [5.0], matched=False), rule="email", state=LinkState.WITHDRAWN, now=LATER, by="build"
        )
        graph = read_graph(links)
        assert list(zip(graph.edges.left, graph.edges.right, strict=True)) == [(2, 3)]
        assert [fact.state for fact in links.facts("r0", "r1")] == [LinkState.LINK, LinkState.WITHDRAWN]


def test_replacing_the_links_of_a_rule_adds_only_what_changed() -> None:
    with opened() as links:
        known(links, 4)
        first = {LinkState.LINK: Edges.of([1, 2], [2, 3], [5.0, 5.0], matched=False)}
        assert links.replace("email", first, now=NOW, by="build") == (2, 0)
        assert links.replace("email", first, now=LATER, by="build") == (0, 0)
        second = {LinkState.LINK: Edges.of([2, 3], [3, 4], [5.0, 5.0], matched=False)}
        assert links.replace("email", second, now=LATER, by="build") == (1, 1)
        assert links.replace("email", second, now=LATER, by="build") == (0, 0)


def test_a_rehearsal_leaves_nothing_behind() -> None:
    with opened() as links:
        known(links, 2)
        with links.rehearsal():
            links.register(["r9"], now=NOW)
            link(links, ("r0", "r9"))
        assert links.count() == 2
        assert links.facts("r0") == []


def test_what_is_forgotten_is_in_no_file_of_the_store(tmp_path: Path) -> None:
    with Links.open(tmp_path) as links:
        links.register(["stays-here", "to-be-forgotten"], now=NOW)
        link(links, ("stays-here", "to-be-forgotten"))
        assert links.forget(["to-be-forgotten"]) == 1
        assert links.facts("stays-here") == []
        files = list((tmp_path / ".habitue").glob(f"{IDENTITY_FILE}*"))
        assert files
        assert not any(b"to-be-forgotten" in file.read_bytes() for file in files)
        with pytest.raises(RecordUnknownError):
            links.facts("to-be-forgotten")


def test_a_model_is_kept_beside_the_links_it_made() -> None:
    with opened() as links:
        assert links.model() is None
        links.keep_model("abc", "{}", now=NOW)
        links.keep_model("def", "[]", now=LATER)
        assert (links.model(), links.model("abc"), links.model("xyz")) == ("[]", "{}", None)
