"""Faults that have to be noticed in seeding: each one plausible slip, planted in place of what is right."""

from dataclasses import replace
from typing import Final

import pytest

from habitue.rules import live_loading, live_minding, live_need_tables, live_needs
from habitue.rules.live_needs import Form
from habitue.rules.live_people import NEVER, LivePerson
from habitue.rules.live_plan import Plan
from tests.rules.live_faults import COUNTED, ELAPSED, LINKED, PAIRED, SUMMED, LiveFault, Plant

_HOUR_US: Final = 3_600_000_000
ENDS: Final = ("stopped('{E}', after='{L}')", "latest('{A}'.product_id) == 'a'", "exists(first('{A}'.product_id))")


def _fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    right = live_need_tables.rows_of
    monkeypatch.setattr(
        "tests.rules.live_seeds.rows_of",
        lambda need, *more: right(replace(need, most=max(1, need.most - 1)), *more),
    )


def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    right = live_needs.seen_after
    monkeypatch.setattr(live_needs, "seen_after", lambda after: right(after + _HOUR_US))


def _without(*forms: Form) -> Plant:
    right = live_needs.needs_of

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "habitue.rules.live_seeding.needs_of",
            lambda *all_of_it: tuple(need for need in right(*all_of_it) if need.form not in forms),
        )

    return plant


def _undue(monkeypatch: pytest.MonkeyPatch) -> None:
    right = live_minding.answer_all

    def look(person: LivePerson, plan: Plan, now: int) -> None:
        right(person, plan, now)
        person.due = NEVER

    monkeypatch.setattr("habitue.rules.live_seeding.answer_all", look)


SEED_FAULTS: Final = (
    LiveFault(what="fewer instants are kept than matter", plant=_fewer, rules=COUNTED),
    LiveFault(what="windows begin an hour late", plant=_shorter, rules=(*COUNTED, *SUMMED)),
    LiveFault(
        what="links are left out",
        plant=lambda monkeypatch: monkeypatch.setattr(live_needs, "_link", lambda _: ()),
        rules=LINKED,
    ),
    LiveFault(
        what="conditions are ignored",
        plant=lambda monkeypatch: monkeypatch.setattr(live_need_tables, "where_of", lambda *_: []),
        rules=("count('{A}', where=product_id == 'a', last='{L}') >= {N}",),
    ),
    LiveFault(
        what="answers are forgotten",
        plant=lambda monkeypatch: monkeypatch.setattr(live_loading, "_put_answers", lambda *_: None),
        rules=PAIRED,
    ),
    LiveFault(what="the first and the last of all are left out", plant=_without(Form.END), rules=ENDS),
    LiveFault(what="what comes later is left out", plant=_without(Form.AHEAD), rules=COUNTED),
    LiveFault(what="moments are left out", plant=_without(Form.EDGE), rules=ELAPSED),
    LiveFault(what="consents are left out", plant=_without(Form.CONSENTS), rules=("consent.marketing_email",)),
    LiveFault(what="deadlines are not armed", plant=_undue, rules=COUNTED),
)
