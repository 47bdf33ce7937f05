"""Answers to what a live reading needs of the past, put in place: into states, kept events and what comes later."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from habitue.rules.history import Consent, Happening, Happenings, Value, instant_of
from habitue.rules.live_answers import Answering, Answers
from habitue.rules.live_counts import CountEver
from habitue.rules.live_keeping import entry_of, kept_with
from habitue.rules.live_moments import ElapsedSince
from habitue.rules.live_needs import Form, Need
from habitue.rules.live_people import Held, LivePerson, State
from habitue.rules.live_plan import Plan
from habitue.rules.live_rows import Lists, lists_of, times_of, values_of
from habitue.rules.live_sequences import Rows
from habitue.rules.live_sums import Sum, SumEver, SumLately
from habitue.rules.live_trails import Trail

Row = tuple[int, int, Value | None]
"""An instant (µs), a position, and the value that links two events."""
Put = Callable[[State, int], None]
"""Puts the answer of a row into a state."""


class Loading:
    """People being made from rows, each need after those before it.

    Attributes:
        people: By id; only those whom the first need names.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.people: dict[str, LivePerson] = {}
        self._loaders: Mapping[Form, Callable[[Need, pa.RecordBatch], None]] = {
            Form.PEOPLE: self._people,
            Form.SCORES: self._scores,
            Form.LABELS: self._labels,
            Form.CONSENTS: self._consents,
            Form.CONSENTS_AHEAD: self._consents,
            Form.NUMBER: self._numbers,
            Form.INSTANTS: self._instants,
            Form.EDGE: self._edges,
            Form.AMOUNT: self._amounts,
            Form.AMOUNTS: self._each_amount,
            Form.PAIRS: self._pairs,
            Form.STEPS: self._steps,
            Form.KEPT: self._kept,
            Form.END: self._ends,
            Form.AHEAD: self._ahead,
        }

    def load(self, need: Need, rows: pa.RecordBatch) -> None:
        """Put rows in place that answer a need: a customer's in one batch, those of a need in any number of them."""
        self._loaders[need.form](need, rows)

    def _known(self, rows: pa.RecordBatch) -> Iterator[tuple[int, LivePerson]]:
        """The number of each row of somebody known, and who it is."""
        people = self.people
        for row, customer in enumerate(rows.column("customer_id").to_pylist()):
            person = people.get(customer)
            if person is not None:
                yield row, person

    # --- Facts and consents -------------------------------------------------------------------------------------------

    def _people(self, need: Need, rows: pa.RecordBatch) -> None:
        truths = self._plan.truths
        names = [name for name in need.properties if name in rows.schema.names]
        columns = [values_of(rows.column(name)) for name in names]
        for row, customer in enumerate(rows.column("customer_id").to_pylist()):
            person = self.people[customer] = LivePerson(customer, truths)
            for name, column in zip(names, columns, strict=True):
                person.traits[name] = column[row]

    def _scores(self, _need: Need, rows: pa.RecordBatch) -> None:
        parts = [(name, values_of(rows.column(name))) for name in rows.schema.names[2:]]
        models = rows.column("model").to_pylist()
        for row, person in self._known(rows):
            model = models[row]
            for name, values in parts:
                person.scores[model if name == "score" else f"{model}.{name}"] = values[row]

    def _labels(self, _need: Need, rows: pa.RecordBatch) -> None:
        clusterings, labels = (rows.column(name).to_pylist() for name in ("clustering", "label"))
        for row, person in self._known(rows):
            person.clusters[clusterings[row]] = labels[row]

    def _consents(self, need: Need, rows: pa.RecordBatch) -> None:
        purposes, given = (rows.column(name).to_pylist() for name in ("purpose", "given"))
        times, positions = times_of(rows.column("at")), values_of(rows.column("position"))
        for row, person in self._known(rows):
            purpose, time = purposes[row], times[row]
            said = Consent(
                purpose=purpose, given=given[row] is True, occurred_at=instant_of(time), position=positions[row]
            )
            if need.form is Form.CONSENTS_AHEAD:
                person.hold(Held(time, purpose, True, entry_of(said)))
            else:
                self._say(person, said, time)

    def _say(self, person: LivePerson, said: Consent, time: int) -> None:
        entry = entry_of(said)
        person.consents[said.purpose] = Happenings.in_order((entry,))
        for offset, role, keeper in self._plan.consents[said.purpose].always:
            if offset not in person.states:
                person.states[offset] = keeper.new()
            person.states[offset].take(role, time, said.position, entry.properties)

    # --- Leaves that keep their own -----------------------------------------------------------------------------------

    def _put(self, need: Need, rows: pa.RecordBatch, put: Put) -> None:
        """Put each row into the states that it is for, made where they are not there."""
        makes = [(index, self._plan.keepers[index].new) for index in need.takers]
        for row, person in self._known(rows):
            states = person.states
            for index, make in makes:
                state = states.get(index)
                if state is None:
                    state = states[index] = make()
                put(state, row)

    def _tested(self, need: Need) -> object:
        return self._plan.leaves[need.takers[0]].shape.tested

    def _numbers(self, need: Need, rows: pa.RecordBatch) -> None:
        numbers = values_of(rows.column("number"))

        def put(state: State, row: int) -> None:
            if isinstance(state, CountEver):
                state.count = numbers[row]

        self._put(need, rows, put)

    def _instants(self, need: Need, rows: pa.RecordBatch) -> None:
        found = lists_of(rows.column("instants"))
        offsets, instants = found.offsets, found.columns[0]

        def put(state: State, row: int) -> None:
            if isinstance(state, Trail):
                times = instants[offsets[row] : offsets[row + 1]]
                times.reverse()
                state.times = times

        self._put(need, rows, put)

    def _edges(self, need: Need, rows: pa.RecordBatch) -> None:
        instants = times_of(rows.column("instant"))

        def put(state: State, row: int) -> None:
            if isinstance(state, ElapsedSince):
                state.time = instants[row]

        self._put(need, rows, put)

    def _amounts(self, need: Need, rows: pa.RecordBatch) -> None:
        amounts, numbers = values_of(rows.column("amount")), values_of(rows.column("number"))

        def put(state: State, row: int) -> None:
            if isinstance(state, SumEver):
                # The engine adds whole numbers up as decimals.
                state.sum = int(amounts[row]) if isinstance(state.sum, int) else amounts[row]
                state.count = numbers[row]

        self._put(need, rows, put)

    def _each_amount(self, need: Need, rows: pa.RecordBatch) -> None:
        found, tested = lists_of(rows.column("rows")), self._tested(need)
        offsets, (times, _, values) = found.offsets, found.columns

        def put(state: State, row: int) -> None:
            span = slice(offsets[row], offsets[row + 1])
            if not isinstance(state, SumEver | SumLately) or not isinstance(tested, Sum):
                return
            if isinstance(state, SumLately):
                state.put(times[span], values[span])
                return
            for value in values[span]:
                state.sum = tested.added(state.sum, value)
            state.count = len(values[span])

        self._put(need, rows, put)

    def _pairs(self, need: Need, rows: pa.RecordBatch) -> None:
        found, tested = lists_of(rows.column("rows")), self._tested(need)
        offsets, (times, positions, *linked) = found.offsets, found.columns
        links = linked[0] if linked else [None] * len(times)

        def put(state: State, row: int) -> None:
            if isinstance(state, Answers) and isinstance(tested, Answering):
                span = slice(offsets[row], offsets[row + 1])
                happened = zip(times[span], positions[span], links[span], strict=True)
                (_put_answers if need.role else _put_firsts)(state, tested, happened)

        self._put(need, rows, put)

    def _steps(self, need: Need, rows: pa.RecordBatch) -> None:
        found = lists_of(rows.column("rows"))
        offsets, (times, positions) = found.offsets, found.columns

        def put(state: State, row: int) -> None:
            if isinstance(state, Rows):
                span = slice(offsets[row], offsets[row + 1])
                state.put(need.role, list(zip(times[span], positions[span], strict=True)))

        self._put(need, rows, put)

    # --- Leaves that look back, and what comes later ------------------------------------------------------------------

    def _kept(self, need: Need, rows: pa.RecordBatch) -> None:
        offsets, _, happened = _happenings(need, rows)
        for row, person in self._looking(need, rows):
            items = tuple(happened[offsets[row] : offsets[row + 1]])
            person.events[need.event] = Happenings.in_order(items)
            person.pruned[need.event] = len(items)

    def _ends(self, need: Need, rows: pa.RecordBatch) -> None:
        offsets, _, happened = _happenings(need, rows)
        for row, person in self._looking(need, rows):
            happening = happened[offsets[row]]
            kept = person.events.get(need.event, Happenings())
            # It may be the first or the last of other events too.
            if all(each.position != happening.position for each in kept.items):
                kept = person.events[need.event] = kept_with(kept, happening)
            person.pruned[need.event] = len(kept.items)

    def _looking(self, need: Need, rows: pa.RecordBatch) -> Iterator[tuple[int, LivePerson]]:
        """As `_known`, with states of the leaves that look back."""
        makes = [(index, self._plan.keepers[index].new) for index in need.takers]
        for row, person in self._known(rows):
            for index, make in makes:
                if index not in person.states:
                    person.states[index] = make()
            yield row, person

    def _ahead(self, need: Need, rows: pa.RecordBatch) -> None:
        offsets, times, happened = _happenings(need, rows)
        for row, person in self._known(rows):
            for place in range(offsets[row], offsets[row + 1]):
                person.hold(Held(times[place], need.event, False, happened[place]))


def _put_answers(state: Answers, pair: Answering, answers: Iterable[Row]) -> None:
    for time, position, link in answers:
        if link is not None or not pair.linked:
            state.answers.setdefault(link, []).append((time, position))
            state.held += 1


def _put_firsts(state: Answers, pair: Answering, firsts: Iterable[Row]) -> None:
    """First events in order, when all answers are known: those that were met in time are not open."""
    for time, position, link in firsts:
        answers = () if link is None and pair.linked else state.answers.get(link, ())
        place = bisect_right(answers, (time, position))
        if place < len(answers) and answers[place][0] <= time + pair.within:
            state.met = max(state.met, time)
        else:
            state.open.append((time, position, link))


def _happenings(need: Need, rows: pa.RecordBatch) -> tuple[list[int], list[int], list[Happening]]:
    """The events of a column of lists, where each list begins, and their instants."""
    found: Lists = lists_of(rows.column("rows"))
    times, positions, *columns = found.columns
    names, values = need.properties, zip(*columns, strict=True)
    properties: Iterable[dict[str, Any]] = (
        (dict(zip(names, each, strict=True)) for each in values) if names else ({} for _ in times)
    )
    happened = [
        Happening(occurred_at=instant_of(time), position=position, properties=told)
        for time, position, told in zip(times, positions, properties, strict=True)
    ]
    return found.offsets, times, happened
