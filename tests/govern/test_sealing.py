"""A sealed value opens with its key, in its place, unchanged; and with nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.govern.sealing import RandomPool, Seal, SealBrokenError, TextSealer
from tests.govern.vaults import chance


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), max_size=20), st.integers(0, 2**32))
@settings(max_examples=100)
def test_a_sealed_value_opens_with_its_key_and_place_only(value: bytes, about: str, seed: int) -> None:
    random_bytes = chance(seed)
    key, other = Seal(random_bytes(32), random_bytes), Seal(random_bytes(32), random_bytes)
    sealed = key.seal(value, about)
    assert key.unseal(sealed, about) == value
    assert key.seal(value, about) != sealed
    flipped = bytes([*sealed[:-1], sealed[-1] ^ 1])
    for wrong_key, wrong, place in (
        (other, sealed, about),
        (key, flipped, about),
        (key, sealed, about + "x"),
        (key, sealed[:12], about),
        (key, b"", about),
        (key, b"\x02" + sealed[1:], about),
    ):
        with pytest.raises(SealBrokenError):
            wrong_key.unseal(wrong, place)


@given(st.text(max_size=60))
def test_sealed_text_is_text_again_and_plain_text_stays(text: str) -> None:
    lane = TextSealer(bytes(range(32)), "lane", random=chance(1))
    sealed = lane.seal(text)
    assert sealed.isascii()
    assert sealed.startswith("enc1:")
    assert lane.open(sealed) == text
    if not text.startswith("enc1:"):
        assert lane.open(text) == text


@pytest.mark.parametrize("text", ["enc1:", "enc1:AAAA", "enc1:é", "enc1:not base64", "enc1:AQ=="])
def test_text_that_only_looks_sealed_is_refused(text: str) -> None:
    with pytest.raises(SealBrokenError):
        TextSealer(bytes(range(32)), "lane", random=chance(1)).open(text)


def test_another_keys_text_is_refused_and_what_it_says_is_not_repeated() -> None:
    sealed = TextSealer(bytes(range(32)), "lane", random=chance(1)).seal("ann@example.com")
    with pytest.raises(SealBrokenError) as refusal:
        TextSealer(bytes(32), "lane", random=chance(1)).open(sealed)
    assert "ann" not in refusal.value.what


def test_no_random_byte_is_given_twice() -> None:
    pool = RandomPool(chance(1), piece=64)
    drawn = [pool(count) for count in (12, 32, 12, 32, 8, 200, 12)]
    assert [len(each) for each in drawn] == [12, 32, 12, 32, 8, 200, 12]
    assert len({each[start : start + 8] for each in drawn for start in range(len(each) - 7)}) == sum(
        len(each) - 7 for each in drawn
    )
