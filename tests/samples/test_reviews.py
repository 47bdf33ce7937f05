"""Reviews whose words fit their stars."""

from collections import defaultdict

from habitue.samples.phrases import SAYINGS
from tests.samples.conftest import Sample


def test_words_fit_stars_topic_and_language(sample: Sample) -> None:
    meant = {row["review_id"]: row for row in sample.table("truth/reviews.csv")}
    seen = 0
    for row in sample.table("data/reviews.csv"):
        truth = meant[row["review_id"]]
        if row["rating"] not in "12345":
            continue
        bad, good = SAYINGS[row["language"]][truth["topic"]]
        said = good if int(row["rating"]) > 3 else bad
        assert any(text in row["text"] for text in said), row["text"]
        assert truth["sentiment"] == ("negative", "negative", "mixed", "positive", "positive")[int(row["rating"]) - 1]
        seen += 1
    assert seen > 500
    assert {row["language"] for row in meant.values()} == {"en", "de"}


def test_trouble_costs_stars(sample: Sample) -> None:
    trouble = {row["order_id"]: row["trouble"] for row in sample.table("truth/orders.csv") if row["trouble"]}
    stars: dict[bool, list[int]] = defaultdict(list)
    for row in sample.table("data/reviews.csv"):
        if row["rating"] in "12345":
            stars[row["order_id"] in trouble].append(int(row["rating"]))
    assert sum(stars[False]) / len(stars[False]) > sum(stars[True]) / len(stars[True]) + 1.2


def test_late_parcels_are_what_late_reviews_are_about(sample: Sample) -> None:
    late = {row["order_id"] for row in sample.table("truth/orders.csv") if row["trouble"] == "late"}
    days = {row["order_id"]: int(row["late_days"]) for row in sample.table("data/deliveries.csv") if row["order_id"]}
    assert all(days[order] >= 3 for order in late if order in days and days[order] >= 0)
    topic = {row["review_id"]: row["topic"] for row in sample.table("truth/reviews.csv")}
    about = {topic[row["review_id"]] for row in sample.table("data/reviews.csv") if row["order_id"] in late}
    assert about == {"delivery"}
