"""What somebody says about a purpose is taken as soon as a message has said who they are, before anything is built."""

from pathlib import Path

import pytest

from habitue.govern.consent import ConsentState
from habitue.run.consenting import Word, record_consent, show_consent
from habitue.run.customers import find_speaker, records_meant
from habitue.run.workspace import NotBuiltError, Workspace
from tests.projects import around, corner_shop, put
from tests.run.arriving import NOW, arrive, identify, make_live


def test_a_withdrawal_is_taken_before_the_first_build(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    make_live(folder)
    put(folder / "policies" / "news.yaml", "purpose: news\ndefault: opt_out\n")
    arrive(folder, identify(1, "ann", "2026-03-30T10:00:00Z", plan="pro"))
    with Workspace.open(folder, around=around(NOW)) as workspace:
        ann = find_speaker(workspace, "user_id:ann")
        assert find_speaker(workspace, "ann") == find_speaker(workspace, ann) == ann
        with pytest.raises(NotBuiltError):
            find_speaker(workspace, "user_id:nobody")
        word = Word(state=ConsentState.WITHDRAWN, purpose="news")
        said = record_consent(workspace, ann, word, records=records_meant(workspace, "user_id:ann"))
        assert [each.allowed for each in said.purposes] == [False]
        assert show_consent(workspace, ann).entries == said.entries
        workspace.build()
        (kept,) = workspace.warehouse.con.execute("SELECT given FROM consents WHERE customer_id = ?", [ann]).fetchall()
        assert kept == (False,)
