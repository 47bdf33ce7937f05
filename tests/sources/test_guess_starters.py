"""Starter features and segments, and which of them a project gets."""

from pathlib import Path

from habitue.sources.guess import propose
from habitue.sources.guess_starters import read_starters
from habitue.sources.guess_values import SampledTable
from tests.sources.guessing import guess, names, propose_sound, table

LINES = table(
    "lines.csv",
    """order_id,customer_id,ordered_at,sku,quantity,price,discount,category,brand,store_id,country
1,a,2024-01-01 10:00:00,x,2,5.0,0.5,Tea,Acme,S1,Germany
1,a,2024-01-01 10:00:00,y,3,1.0,0.0,Cups,Bolt,S1,Germany
2,a,2024-01-09 19:00:00,x,-1,5.0,0.0,Tea,Acme,S1,Germany
3,b,2024-02-10 12:00:00,z,1,2.0,0.0,Pots,Acme,S2,France
4,b,2024-03-10 12:00:00,z,1,2.0,0.0,Pots,Acme,S2,Germany""",
)
STATUS = table(
    "cancelled.csv",
    "order_id,customer_id,created_at,status\n8,a,2024-01-01,canceled\n9,b,2024-02-01,done\n7,b,2024-02-04,done",
)
REVIEWS = table("reviews.csv", "customer_id,score,reviewed_at\na,2,2024-01-05 10:00:00\nb,5,2024-02-20 10:00:00")
CAMPAIGNS = table("mailings.csv", "customer_id,campaign_id,sent_at\na,1,2024-01-02\nb,1,2024-01-02\na,2,2024-01-20")
COUPONS = table("redemptions.csv", "customer_id,coupon_id,redeemed_at\na,9,2024-01-05\nb,9,2024-01-06\na,8,2024-02-06")
LOG = table(
    "log.csv",
    "user_id,event,timestamp\n"
    + "\n".join(
        f"{who},{event},2024-03-0{day}T10:00:00Z"
        for who in "ab"
        for day, event in enumerate(("page_view", "view_item", "add_to_cart", "email_open", "email_click"), start=1)
    ),
)


def everything() -> tuple[SampledTable, ...]:
    return LINES, STATUS, REVIEWS, CAMPAIGNS, COUPONS, LOG


def test_every_shipped_starter_holds_in_a_project_that_has_everything(tmp_path: Path) -> None:
    proposal = propose_sound(guess(*everything()), tmp_path)
    features, segments = names(proposal, "features", "feature"), names(proposal, "segments", "segment")
    assert [each.name for each in read_starters("features") if each.name not in features] == []
    # The list is cut where it would be too long to read; nothing is left out for another reason.
    shipped = [each.name for each in read_starters("segments")]
    assert segments[: len(segments)] == shipped[: len(segments)]
    assert len(segments) >= 24


def test_a_shop_without_returns_gets_no_starters_about_returns() -> None:
    orders = table(
        "o.csv", "order_id,customer_id,date,total\n1,a,2024-01-01,10.0\n2,a,2024-01-05,5.0\n3,b,2024-01-06,5"
    )
    found = names(propose(guess(orders)), "segments", "segment")
    assert "repeat_buyers" in found
    assert not {"refund_prone", "discount_seekers", "coupon_users", "from_abroad"} & set(found)


def test_starters_about_hours_need_times_of_day() -> None:
    orders = table(
        "o.csv", "order_id,customer_id,date,total\n1,a,2024-01-01,10.0\n2,a,2024-01-05,5.0\n3,b,2024-01-06,5"
    )
    found = names(propose(guess(orders)), "features", "feature")
    assert "weekend_share" in found
    assert "usual_hour" not in found


def test_the_commonest_country_is_named_in_the_label() -> None:
    proposal = propose(guess(LINES))
    home = next(doc for doc in proposal.of_folder("segments") if doc.values["segment"] == "from_home_country")
    assert (home.values["label"], home.values["rule"]) == ("Lives in Germany", "trait.country == 'Germany'")


def test_the_words_of_starters_are_unique() -> None:
    for kind in ("features", "segments"):
        found = [each.name for each in read_starters(kind)]
        assert len(found) == len(set(found))


def test_the_sample_tables_are_what_they_seem() -> None:
    assert [each.role.value for each in guess(*everything()).tables] == [
        "order lines",
        "orders, one row each",
        "reviews",
        "campaigns sent",
        "coupons redeemed",
        "events",
    ]
