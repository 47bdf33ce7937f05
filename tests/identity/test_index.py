"""Identifiers are found in memory, and move with their persons."""

from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.index import LiveIndex

keys = st.sampled_from([b"a", b"b", b"c", b"d"])
records = st.sampled_from(["c1", "c2", "c3"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), keys, records),
        st.tuples(st.just("move"), records, records),
        st.tuples(st.just("forget"), records, records),
    ),
    max_size=20,
)


@given(steps)
def test_an_index_answers_as_its_history_says(history: list[tuple[str, bytes | str, str]]) -> None:
    index = LiveIndex()
    carrier: dict[bytes, str] = {}
    person: dict[str, str] = {}
    for step, what, other in history:
        if step == "add" and isinstance(what, bytes):
            index.add(what, other)
            carrier.setdefault(what, other)
        elif step == "move" and isinstance(what, str):
            index.move(what, other)
            person[what] = other
        elif isinstance(what, str):
            gone = [key for key, record in carrier.items() if record == what]
            assert index.forget([what]) == len(gone)
            carrier = {key: record for key, record in carrier.items() if record != what}
            person.pop(what, None)
    for key in (b"a", b"b", b"c", b"d"):
        record = carrier.get(key)
        assert index.find(key) == (None if record is None else person.get(record, record))
    assert len(index) == len(carrier)


def test_identifiers_that_came_together_tell_who_may_be_one() -> None:
    index = LiveIndex.built([(b"user", "c1"), (b"cookie", "c2"), (b"mail", "c3")], {"c3": "c1"})
    found = index.resolve([b"user", b"mail", b"new", b"cookie"])
    assert (found.person, found.others, found.unknown) == ("c1", ("c2",), (2,))
    assert index.resolve([b"x"]).person is None


def test_an_identifier_stays_with_who_had_it_first() -> None:
    index = LiveIndex.built([(b"k", "c1")], {})
    assert not index.add(b"k", "c2")
    assert index.add(b"k", "c1")
    assert index.find(b"k") == "c1"
