"""Somebody who was erased is in nothing that arrived live either, and sending their messages again changes nothing."""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.erasure_people import Planted
from bench.scanner import Scanner
from habitue.channels.deliveries import Deliveries
from habitue.config import STATE_FOLDER
from habitue.rules.live_transitions import Transition
from habitue.run.erasing import erase
from habitue.run.live_parts import LiveParts, log_path
from habitue.run.workspace import Workspace
from habitue.segments.transitions import TransitionLog
from habitue.streams import Committer, Log, LogReader
from tests.projects import around, copied, put
from tests.run.arriving import COLLECT, NOW, SOURCE, arrive, take_in
from tests.run.proof_shop import ANN, BEN, PEOPLE, built_proof_shop
from tests.terminal import answer, habitue

AT = "2026-03-01T10:00:00Z"
Sent = dict[str, Any]


def messages_of(who: Planted, number: int) -> list[Sent]:
    """What somebody sends: who they are, an order with a note, and something that cannot be taken in."""
    head = {"timestamp": AT, "userId": who.account, "anonymousId": who.visitor or None}
    traits = {"email": who.email, "phone": who.phone, "firstName": who.first, "last_name": who.last, "card": who.card}
    order = {"order_id": f"L{number}", "revenue": "12.50", "note": who.note, "unknown": who.email}
    return [
        {**head, "type": "identify", "messageId": f"i{number}", "traits": traits},
        {**head, "type": "track", "messageId": f"t{number}", "event": "Order Completed", "properties": order},
        {**head, "type": "track", "messageId": f"u{number}", "event": "Never Declared", "properties": {"x": who.phone}},
        {**head, "type": "track", "messageId": f"b{number}", "event": 5, "properties": order},
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The proof shop, in which people also come live; who enters and leaves, and who was told, is on record."""
    folder = built_proof_shop(tmp_path_factory.mktemp("live-proof") / "shop")
    put(folder / "sources" / f"{SOURCE}.yaml", COLLECT)
    arrive(folder, *(each for number, who in enumerate(PEOPLE) for each in messages_of(who, number)))
    answer("build", "--project", folder)
    with opened(folder) as workspace:
        people = {
            row["customer_id"] for row in workspace.warehouse.fetch(workspace.warehouse.table("customers")).to_pylist()
        }
    with TransitionLog.open(folder) as log, Deliveries.open(folder) as deliveries:
        log.commit(
            [Transition(each, "big", True, 5, "event") for each in sorted(people)], offset=1, clock_us=5, noticed_us=6
        )
        deliveries.begin("hook", 0, now=around(NOW).clock())
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that may be changed, with keys of its own."""
    keys = tmp_path / "config"
    shutil.copytree(os.environ["XDG_CONFIG_HOME"], keys, ignore=shutil.ignore_patterns("*.graves"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(keys))
    return copied(made, tmp_path / "shop")


@contextmanager
def opened(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder, around=around(NOW)) as workspace:
        yield workspace


def sealed_in(folder: Path) -> dict[str, list[str]]:
    """Everything that is sealed in a project and can be opened with the keys there are."""
    with opened(folder) as workspace, LogReader(log_path(folder)) as reader:
        vault = workspace.vault
        failed = [vault.lane.open(each.raw.decode()) for each in reader.failures(limit=10_000) if each.raw is not None]
        bodies = []
        for each in reader.read(limit=10_000):
            said = json.loads(each.body)
            clear = vault.open_for(said[1], said[7]) if said[1] and said[7] else None
            bodies.append((clear or b"").decode())
        return {"cards": [card for _, _, card in vault.cards()], "log": bodies, "lane": failed}


def found_of(who: Planted, folder: Path) -> list[str]:
    """Where anything of somebody is found, in files as they lie there, decoded, and opened."""
    scanner = Scanner(who.values, others=(value for each in PEOPLE if each is not who for value in each.values))
    state = folder / STATE_FOLDER
    return [*scanner.files(state).said, *scanner.decoded(state, sealed_in(folder)).said]


def test_nothing_of_who_was_erased_is_left_of_what_they_sent_and_sending_it_again_changes_nothing(shop: Path) -> None:
    places = found_of(ANN, shop)
    assert {place.partition(":")[0] for place in places} == {"opened cards", "opened log", "opened lane"}, "the control"
    rehearsed = answer("privacy", "erase", f"email:{ANN.email}", "--dry-run", "--project", shop)
    done = answer("privacy", "erase", f"email:{ANN.email}", "--project", shop)
    rows = {each["store"]: each["rows"] for each in done["stores"]}
    counted = {each["store"]: each["rows"] for each in rehearsed["stores"]}
    live = ("log: records", "log: failed", "transitions")
    assert {store: rows[store] for store in live} == {store: counted[store] for store in live}
    assert (rows["log: records"], rows["log: failed"]) == (3, 1)
    assert rows["transitions"] == 2, "the entry, and that they are inside"
    assert found_of(ANN, shop) == []
    kept = _log(shop)
    answer("build", "--full", "--project", shop)
    for file in (shop / STATE_FOLDER).glob("warehouse.duckdb*"):
        file.unlink()
    answer("build", "--project", shop)
    assert found_of(ANN, shop) == []
    again = arrive(shop, *messages_of(ANN, 0)[:3], *messages_of(BEN, 4)[:3])
    assert again.duplicates == 3, "what Ben sent is known; what Ann sent is not kept"
    assert [each[0] for each in _log(shop)] == [each[0] for each in kept]
    answer("build", "--project", shop)
    assert found_of(ANN, shop) == []
    assert found_of(BEN, shop)


def test_live_parts_are_told_before_anything_is_erased_and_write_the_log_themselves(shop: Path) -> None:
    heard: list[tuple[frozenset[str], int]] = []
    with opened(shop) as workspace, Committer(Log.open(log_path(shop))) as committer:
        records = workspace.vault.count()
        workspace.live = LiveParts(
            lambda work: committer.run(work).result(),
            [lambda ids: heard.append((frozenset(ids), workspace.vault.count()))],
        )
        done = erase(workspace, [f"user_id:{BEN.account}"], actor="test")
        ((ids, before),) = heard
        assert before == records, "told first"
        assert set(done.subjects) <= ids
        assert len(ids) >= 2, "the person and their records"
        assert take_in_through(committer, workspace, messages_of(PEOPLE[1], 1)) == 3
    assert found_of(BEN, shop) == []


def test_an_archive_holds_what_somebody_sent_in_the_clear_and_nothing_of_anybody_else(
    shop: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ann.zip"
    answer("privacy", "export", f"user_id:{ANN.account}", "--to", path, "--project", shop)
    with closing(zipfile.ZipFile(path)) as archive:
        sent = json.loads(archive.read("log/records.json"))
        failed = json.loads(archive.read("log/failed.json"))
        moved = json.loads(archive.read("transitions/transitions.json"))
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert [each["kind"] for each in sent] == ["identify", "track", "track"]
    assert ANN.note in json.dumps(sent[1])
    assert ANN.phone in json.dumps(sent[2]), "what no contract declares is kept sealed, and theirs"
    assert [ANN.account in each["raw"] for each in failed] == [True]
    assert [(each["segment"], each["entered"]) for each in moved] == [("big", True)]
    others = Scanner((value for each in PEOPLE if each is not ANN for value in each.values), others=ANN.values)
    assert others.look(whole) == {}


def test_an_erasure_cut_short_in_the_log_is_carried_out_by_the_next_command(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Log, "compact", _full)
        assert habitue("privacy", "erase", f"user_id:{ANN.account}", "--project", shop, "--json").code == 1
    answer("build", "--project", shop)
    assert found_of(ANN, shop) == []


def take_in_through(committer: Committer, workspace: Workspace, messages: list[Sent]) -> int:
    """Take messages in while a committer has the log; how many were there already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.run.arriving.Log", _Lent(committer))
        return take_in(workspace, messages).duplicates


class _Lent:
    """Gives a committer where a log is opened."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    @contextmanager
    def open(self, path: Path) -> Iterator[Committer]:
        del path
        yield self._committer


def _log(folder: Path) -> list[tuple[int, str]]:
    with LogReader(log_path(folder)) as reader:
        return [(each.offset, each.message_id) for each in reader.read(limit=10_000)]


def _full(*said: object) -> None:
    del said
    raise OSError(28, "no space left")
