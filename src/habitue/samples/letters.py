"""The mailing system's feed, the ledger of consents, and the campaigns with their random assignment."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from habitue.samples.accounts import Numbers, main_accounts, paper
from habitue.samples.campaigns import CAMPAIGNS, Assignments, Season
from habitue.samples.dice import Dice, Ints
from habitue.samples.feeds import Rows, Spoiling, choose, instants_s, pick, quoted
from habitue.samples.mails import LINKS, STEPS, Mails
from habitue.samples.people import NEVER, People
from habitue.samples.span import DAY, Span

PURPOSES = ("marketing_email", "marketing_sms", "personalisation", "analytics")
MAIL_SPOILINGS = (
    Spoiling(kind="missing_required", column="customer_id", value=""),
    Spoiling(kind="not_allowed", column="campaign_type", value="spam"),
    Spoiling(kind="bad_format", column="occurred_at", value="31/31/2026"),
)
CONSENT_SPOILINGS = (
    Spoiling(kind="wrong_type", column="given", value="perhaps"),
    Spoiling(kind="missing_required", column="purpose", value=""),
)
ASSIGNMENT_SPOILINGS = (Spoiling(kind="not_allowed", column="arm", value="both"),)
_TEXT_CHANGED_DAY = 365


def mail_rows(mails: Mails, people: People, numbers: Numbers) -> Rows:
    """What the mailing system says of each mail, by time."""
    order = np.argsort(mails.at, kind="stable")
    campaign = mails.campaign[order]
    link = pa.array([*LINKS, ""])
    return Rows(
        names=("message_id", "event", "customer_id", "campaign_id", "campaign_type", "link", "occurred_at"),
        columns=(
            paper("M", numbers.take("mail", len(order))),
            pick(pa.array(STEPS), mails.step[order]),
            pick(main_accounts(people, np.arange(len(people))), mails.person[order]),
            pick(pa.array([each.id for each in CAMPAIGNS]), campaign),
            pick(pa.array([each.kind for each in CAMPAIGNS]), campaign),
            pick(link, mails.link[order] % len(link)),
            instants_s(mails.at[order]),
        ),
    )


def campaign_rows(span: Span) -> Rows:
    """The campaigns."""
    day = np.array([each.day for each in CAMPAIGNS], dtype=np.int64)
    return Rows(
        names=("campaign_id", "name", "campaign_type", "channel", "subject", "coupon", "treated_share", "starts_at"),
        columns=(
            pa.array([each.id for each in CAMPAIGNS]),
            quoted(pa.array([each.name for each in CAMPAIGNS])),
            pa.array([each.kind for each in CAMPAIGNS]),
            pa.array(["email"] * len(CAMPAIGNS)),
            quoted(pa.array([each.subject for each in CAMPAIGNS])),
            pa.array([each.coupon for each in CAMPAIGNS]),
            pa.array([f"{each.treated:.2f}" for each in CAMPAIGNS]),
            instants_s(span.moment(day, np.full(len(day), 8 * 3600))),
        ),
    )


def assignment_rows(drawn: Assignments, people: People) -> Rows:
    """Who was drawn into which arm of one campaign, with the chance of it."""
    campaign = CAMPAIGNS[drawn.campaign]
    size = len(drawn)
    arm = choose(drawn.treated, pa.scalar("treatment"), pa.scalar("control"))
    share = choose(drawn.treated, pa.scalar(f"{campaign.treated:.2f}"), pa.scalar(f"{1 - campaign.treated:.2f}"))
    return Rows(
        names=("campaign_id", "campaign_type", "customer_id", "arm", "probability", "assigned_at"),
        columns=(
            pa.array([campaign.id] * size, pa.string()),
            pa.array([campaign.kind] * size, pa.string()),
            main_accounts(people, drawn.person),
            arm,
            share,
            instants_s(drawn.sent_at),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """Entries of the ledger: person, purpose, given or not, when, and through what."""

    person: Ints
    purpose: Ints
    given: Ints
    at: Ints
    source: Ints


_SOURCES = ("signup", "checkout", "store", "preference_centre", "unsubscribe_link")


def _entries(dice: Dice, season: Season) -> list[_Entries]:
    """E-mail as the campaigns have left it; the other purposes by persona-free habit, with a few withdrawals."""
    people = season.people
    size = len(people)
    everyone = np.arange(size, dtype=np.int64)
    unsubscribed = np.zeros(size, dtype=bool)
    for drawn in season.drawn:
        unsubscribed[drawn.person[drawn.unsubscribed_at < NEVER]] = True
    by = dice.pick(size, [55.0, 30.0, 15.0])
    wants = [people.email_from < NEVER] + [dice.chance(share, size) for share in (0.25, 0.55, 0.70)]
    made = []
    for purpose, yes in enumerate(wants):
        told = yes | dice.chance(0.15, size)
        who = everyone[told]
        made.append(_entry(who, purpose, yes[told], people.registered_at[told], by[told]))
        if purpose == 0:
            ends, source = people.email_until, np.where(unsubscribed, 4, 3)
        else:
            life = (dice.exponential(size) * 10 * 365 * DAY).astype(np.int64)
            ends, source = people.registered_at + life, np.full(size, 3, dtype=np.int64)
        who = everyone[yes]
        made.append(_entry(who, purpose, np.zeros(len(who), dtype=bool), ends[yes], source[yes]))
    return made


def _entry(person: Ints, purpose: int, given: np.ndarray, at: Ints, source: Ints) -> _Entries:
    return _Entries(
        person=person,
        purpose=np.full(len(person), purpose, dtype=np.int64),
        given=given.astype(np.int64),
        at=at,
        source=source,
    )


def consent_rows(dice: Dice, season: Season, span: Span) -> Rows:
    """The ledger: what each person allowed, refused and withdrew, by time."""
    made = _entries(dice, season)
    person, purpose, given, at, source = (
        np.concatenate([getattr(each, name) for each in made])
        for name in ("person", "purpose", "given", "at", "source")
    )
    done = np.flatnonzero(at <= span.until)
    order = done[np.argsort(at[done], kind="stable")]
    late = (span.day_of(at[order]) >= _TEXT_CHANGED_DAY).astype(np.int64)
    return Rows(
        names=("customer_id", "purpose", "given", "changed_at", "source", "text_version"),
        columns=(
            main_accounts(season.people, person[order]),
            pick(pa.array(PURPOSES), purpose[order]),
            pick(pa.array(["false", "true"]), given[order]),
            instants_s(at[order]),
            pick(pa.array(_SOURCES), source[order]),
            pick(pa.array(["2023-11", "2025-07"]), late),
        ),
    )
