"""Random assignment, and the uplift that was planted."""

import numpy as np
import pytest

from habitue.samples.campaigns import CAMPAIGNS, DOG, LOST, PERSUADABLE, RESPONSE_DAYS, SURE, Assignments
from habitue.samples.dice import Bools
from habitue.samples.people import NEVER
from habitue.samples.span import DAY
from tests.samples.conftest import Crowd, Sample

MARKETING = [place for place, each in enumerate(CAMPAIGNS) if each.kind != "service"]


def bought(crowd: Crowd, drawn: Assignments) -> Bools:
    """Who of those drawn ordered within the response days after (or instead of) the mail."""
    orders = crowd.season.orders
    sent = np.full(len(crowd.season.people), NEVER)
    sent[drawn.person] = drawn.sent_at
    within = (orders.at > sent[orders.person]) & (orders.at <= sent[orders.person] + RESPONSE_DAYS * DAY)
    did = np.zeros(len(crowd.season.people), dtype=bool)
    did[orders.person[within]] = True
    return did[drawn.person]


@pytest.mark.parametrize("place", MARKETING)
def test_the_difference_of_means_finds_the_planted_uplift(crowd: Crowd, place: int) -> None:
    drawn = crowd.season.drawn[place]
    y, t = bought(crowd, drawn), drawn.treated
    found = y[t].mean() - y[~t].mean()
    error = np.sqrt(y[t].var() / t.sum() + y[~t].var() / (~t).sum())
    assert abs(found - drawn.lift.mean()) < 3.5 * error


def test_each_kind_of_response_shows_in_promotions(crowd: Crowd) -> None:
    effect: dict[int, tuple[float, float]] = {}
    drawn = [crowd.season.drawn[place] for place in MARKETING]
    y = np.concatenate([bought(crowd, each) for each in drawn])
    t = np.concatenate([each.treated for each in drawn])
    kind = np.concatenate([each.response for each in drawn])
    lift = np.concatenate([each.lift for each in drawn])
    for response in (LOST, SURE, PERSUADABLE, DOG):
        of = kind == response
        effect[response] = (float(y[of & t].mean() - y[of & ~t].mean()), float(lift[of].mean()))
    assert effect[PERSUADABLE][0] == pytest.approx(effect[PERSUADABLE][1], abs=0.03)
    assert effect[PERSUADABLE][0] > 0.15
    assert effect[DOG][0] < -0.02
    assert abs(effect[LOST][0]) < 0.01
    assert abs(effect[SURE][0]) < 0.08


def test_assignment_is_random_in_the_declared_share(crowd: Crowd) -> None:
    for place in MARKETING:
        drawn = crowd.season.drawn[place]
        share = CAMPAIGNS[place].treated
        assert drawn.treated.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(drawn)))
        thrift = crowd.season.people.thrift[drawn.person]
        assert thrift[drawn.treated].mean() == pytest.approx(thrift[~drawn.treated].mean(), abs=0.02)


def test_only_those_who_agreed_are_written_to(crowd: Crowd) -> None:
    people = crowd.season.people
    for place in MARKETING:
        drawn = crowd.season.drawn[place]
        assert (people.email_from[drawn.person] <= drawn.sent_at).all()
        earlier = [each for each in crowd.season.drawn[:place] if (each.unsubscribed_at < NEVER).any()]
        left = np.concatenate([each.person[each.unsubscribed_at < drawn.sent_at.min()] for each in earlier] or [[]])
        assert not np.isin(drawn.person, left).any()


def test_the_written_uplift_is_the_planted_one(sample: Sample) -> None:
    rows = sample.table("truth/uplift.csv")
    for row in rows[:2000]:
        assert float(row["p_treated"]) - float(row["p_control"]) == pytest.approx(float(row["uplift"]), abs=2e-6)
        assert (float(row["uplift"]) < 0) <= (row["response"] == "sleeping_dog")
    arms = {(row["campaign_id"], row["customer_id"]): row["arm"] for row in rows}
    told = [row for row in sample.table("data/campaign_assignments.csv") if row["arm"] != "both"]
    assert {(row["campaign_id"], row["customer_id"]): row["arm"] for row in told} == arms


def test_mail_goes_to_the_treated_only(sample: Sample) -> None:
    treated = {
        (row["campaign_id"], row["customer_id"])
        for row in sample.table("truth/uplift.csv")
        if row["arm"] == "treatment"
    }
    mailed = {(row["campaign_id"], row["customer_id"]) for row in sample.table("data/email_events.csv")}
    assert {each for each in mailed if each[1]} == treated


def test_mail_sent_at_the_best_hour_is_opened_more(sample: Sample) -> None:
    best = {row["customer_id"]: int(row["best_send_hour"]) for row in sample.table("truth/persons.csv")}
    rows = [row for row in sample.table("data/email_events.csv") if row["customer_id"] and row["occurred_at"][0] == "2"]
    opened = {(row["campaign_id"], row["customer_id"]) for row in rows if row["event"] == "Email Opened"}
    near: list[bool] = []
    far: list[bool] = []
    for row in rows:
        if row["event"] == "Email Sent":
            apart = abs(int(row["occurred_at"][11:13]) - best[row["customer_id"]])
            (near if apart <= 1 else far).append((row["campaign_id"], row["customer_id"]) in opened)
    assert sum(near) / len(near) > 1.15 * sum(far) / len(far)
