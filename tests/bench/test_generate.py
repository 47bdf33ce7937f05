"""The generated history is what the promises are measured on: it must not drift."""

import numpy as np

from bench.generate import EVENTS, Day, Recipe, days

RECIPE = Recipe(events=40_000, customers=1_000)


def whole(recipe: Recipe) -> list[Day]:
    return list(days(recipe))


def test_every_event_wanted_is_made_and_stands_in_order_of_time() -> None:
    made = whole(RECIPE)
    times = np.concatenate([day.occurred_us for day in made])
    positions = np.concatenate([day.position for day in made])
    assert times.size == RECIPE.events
    assert (np.diff(times) >= 0).all()
    assert (positions == np.arange(RECIPE.events)).all()


def test_equal_seeds_make_equal_histories_and_others_do_not() -> None:
    one, same, other = whole(RECIPE), whole(RECIPE), whole(Recipe(events=40_000, customers=1_000, seed=8))
    assert all((a.cents == b.cents).all() and (a.customer == b.customer).all() for a, b in zip(one, same, strict=True))
    assert any(
        a.customer.size != b.customer.size or (a.customer != b.customer).any() for a, b in zip(one, other, strict=True)
    )


def test_event_names_have_their_shares() -> None:
    kinds = np.concatenate([day.kind for day in whole(RECIPE)])
    shares = np.bincount(kinds, minlength=len(EVENTS)) / kinds.size
    assert np.allclose(shares, [share for _, share in EVENTS], atol=0.01)


def test_customers_are_as_skewed_as_promised() -> None:
    counts = np.bincount(np.concatenate([day.customer for day in whole(RECIPE)]), minlength=RECIPE.customers)
    assert 28 <= np.median(counts) <= 38
    assert 110 <= np.percentile(counts, 99) <= 180
    assert counts.max() <= 6_000
