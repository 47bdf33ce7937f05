"""Names are compared without accents, titles and punctuation, and by sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.sounds import fold, fold_name, sound


@pytest.mark.parametrize(
    ("one", "other"), [("smith", "smyth"), ("meyer", "maier"), ("catherine", "katherine"), ("jonson", "johnson")]
)
def test_names_that_sound_alike_have_one_code(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("smith", "brown"), ("anna", "peter")])
def test_names_that_sound_different_have_two(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert once is None or fold(once) == once


@given(st.text(max_size=30))
def test_every_folded_name_has_a_sound(text: str) -> None:
    name = fold_name(text)
    assert name is None or sound(name)
