"""The rule language once more, as plainly as it can be said: one person, full scans over lists, no cleverness.

Written from the meaning of the language alone, to be held against every other reading. A missing value is None; a
condition is never None. Whole numbers are int, money Decimal, numbers float, lengths of time timedelta.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import singledispatchmethod
from hashlib import sha256

from habitue.records import Kind
from habitue.rules import nodes as n
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import check
from tests.rules.oracle_numbers import (
    EPOCH,
    Number,
    Value,
    calculated,
    compared,
    exact,
    great_circle,
    in_range,
    ranked,
    sortable,
)
from tests.rules.populations import Event, Person

Subject = Person | Event


def microseconds(count: int) -> timedelta:
    """A length of time."""
    return timedelta(microseconds=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """Answers for any of some people, as of an instant.

    Attributes:
        catalogue: The project's names.
        people: Everybody, among whom places are told.
        now: The instant asked about.
        window: Stands in for the window of every event term, inside `change`.
        add: Adds numbers; another order of addition shows where an answer hangs on the last bits of a float.
    """

    catalogue: Catalogue
    people: Sequence[Person]
    now: datetime
    window: n.Window | None = None
    add: Callable[[Sequence[float]], float] = math.fsum

    def value(self, node: n.Node, subject: Subject) -> Value | None:
        """The value of a settled tree for a person, or of a condition's parts for one of their events."""
        return self._of(node, subject)

    def holds(self, node: n.Node, subject: Subject) -> bool:
        """Whether a condition is true; missing counts as not."""
        return self.value(node, subject) is True

    @singledispatchmethod
    def _of(self, node: n.Node, subject: Subject) -> Value | None:
        raise TypeError(type(node), type(subject))

    # --- Single values ------------------------------------------------------------------------------------------------

    @_of.register
    def _(self, node: n.Constant, _: Subject) -> Value | None:
        return constant(node)

    @_of.register
    def _(self, node: n.And, subject: Subject) -> Value | None:
        return all(self.holds(part, subject) for part in node.parts)

    @_of.register
    def _(self, node: n.Or, subject: Subject) -> Value | None:
        return any(self.holds(part, subject) for part in node.parts)

    @_of.register
    def _(self, node: n.Not, subject: Subject) -> Value | None:
        return not self.holds(node.operand, subject)

    @_of.register
    def _(self, node: n.Compare, subject: Subject) -> Value | None:
        return compared(node.op, self.value(node.left, subject), self.value(node.right, subject))

    @_of.register
    def _(self, node: n.IsIn, subject: Subject) -> Value | None:
        value = self.value(node.operand, subject)
        if value is None:
            return False
        found = any(compared("==", value, constant(each)) for each in node.options)
        return found is not node.negated

    @_of.register
    def _(self, node: n.Exists, subject: Subject) -> Value | None:
        operand = node.operand
        if isinstance(operand, n.Name) and isinstance(subject, Person) and operand.space == "trait":
            kind = self.catalogue.traits[operand.name]
            ends = ("_lat", "_lon") if kind is Kind.LOCATION else ("",)
            return all(subject.traits.get(operand.name + end) is not None for end in ends)
        return self.value(operand, subject) is not None

    @_of.register
    def _(self, node: n.Default, subject: Subject) -> Value | None:
        value = self.value(node.operand, subject)
        fallback = constant(node.fallback)
        if value is None:
            return fallback
        if isinstance(value, int | Decimal) and not isinstance(value, bool) and isinstance(fallback, float):
            return float(value)
        return value

    @_of.register
    def _(self, node: n.When, subject: Subject) -> Value | None:
        return self.value(node.value, subject) if self.holds(node.condition, subject) else None

    @_of.register
    def _(self, node: n.Arithmetic, subject: Subject) -> Value | None:
        left, right = self.value(node.left, subject), self.value(node.right, subject)
        if not isinstance(left, Number) or not isinstance(right, Number):
            return None
        return calculated(node.op, left, right)

    @_of.register
    def _(self, node: n.Negative, subject: Subject) -> Value | None:
        value = self.value(node.operand, subject)
        return in_range(-exact(value), type(value)) if isinstance(value, Number) else None

    @_of.register
    def _(self, node: n.Lower, subject: Subject) -> Value | None:
        text = self.value(node.operand, subject)
        return "".join(each.lower()[0] for each in text) if isinstance(text, str) else None

    @_of.register
    def _(self, node: n.TextTest, subject: Subject) -> Value | None:
        text = self.value(node.operand, subject)
        if not isinstance(text, str):
            return False
        tests: dict[str, Callable[[str], object]] = {
            "contains": lambda argument: argument in text,
            "startswith": text.startswith,
            "endswith": text.endswith,
            "matches": lambda argument: re.search(argument, text),
        }
        return bool(tests[node.kind](node.argument))

    # --- One event ----------------------------------------------------------------------------------------------------

    @_of.register
    def _(self, node: n.Property, subject: Subject) -> Value | None:
        if not isinstance(subject, Event):
            raise TypeError(node)
        local = subject.occurred_at.astimezone(self.catalogue.zone)
        clock = {"local_hour": local.hour, "local_weekday": local.isoweekday(), "local_month": local.month}
        if node.name == "occurred_at":
            return subject.occurred_at
        return clock[node.name] if node.name in clock else subject.properties.get(node.name)

    # --- One person ---------------------------------------------------------------------------------------------------

    @_of.register
    def _(self, node: n.Name, person: Person) -> Value | None:
        key = f"{node.name}.{node.part}" if node.part else node.name
        match node.space:
            case "trait":
                return person.traits.get(node.name)
            case "score":
                return person.scores.get(key)
            case "cluster":
                return person.clusters.get(node.name)
            case "consent":
                return self._consent(node.name, person)
        return self._definition(node, person)

    def _consent(self, purpose: str, person: Person) -> bool | None:
        said = [each for each in person.consents if each.purpose == purpose and each.occurred_at <= self.now]
        return max(said, key=lambda each: (each.occurred_at, each.position)).given if said else None

    def _definition(self, node: n.Name, person: Person) -> Value | None:
        named = self.catalogue.definition(node.space, node.name)
        allowed = not named.purpose or self._consent(named.purpose, person) is True
        rule = check(named.rule, self.catalogue).node
        if node.space == "segment":
            return self.holds(rule, person) and allowed
        return self.value(rule, person) if allowed else None

    def events(self, person: Person, name: str, where: n.Node | None, window: n.Window) -> list[Event]:
        """The events of a name in a window that meet a condition, earliest first."""
        found = [
            each
            for each in person.events
            if each.name == name
            and self.is_inside(each.occurred_at, self.window or window)
            and (where is None or self.holds(where, each))
        ]
        return sorted(found, key=order)

    def is_inside(self, instant: datetime, window: n.Window) -> bool:
        """Whether an instant lies in a window; nothing later than now is in any."""
        if instant > self.now:
            return False
        there, here = (each.astimezone(self.catalogue.zone).date() for each in (instant, self.now))
        match window.kind:
            case "last":
                return instant > self.now - microseconds(window.older)
            case "between":
                return self.now - microseconds(window.older) < instant <= self.now - microseconds(window.newer)
            case "since" if len(window.start) == len("2026-01-01"):
                return there.isoformat() >= window.start
            case "since":
                start = datetime.fromisoformat(window.start)
                return instant >= (start if start.tzinfo else start.replace(tzinfo=self.catalogue.zone))
            case "day":
                return there == here
            case "week":
                return there.isocalendar()[:2] == here.isocalendar()[:2]
            case "month":
                return (there.year, there.month) == (here.year, here.month)
        return True

    @_of.register
    def _(self, node: n.Aggregate, person: Person) -> Value | None:
        events = self.events(person, node.event, node.where, node.window)
        match node.kind:
            case "did":
                return bool(events)
            case "count":
                return len(events)
            case "first_at":
                return events[0].occurred_at if events else None
            case "last_at":
                return events[-1].occurred_at if events else None
        prop = n.Property(name=node.property)
        if node.kind in ("first", "latest"):
            return self.value(prop, events[0 if node.kind == "first" else -1]) if events else None
        values = [value for each in events if (value := self.value(prop, each)) is not None]
        return self._over(node, values)

    def _over(self, node: n.Aggregate, values: list[Value]) -> Value | None:
        match node.kind:
            case "sum":
                return self._sum(node, values)
            case "avg":
                whole = self._sum(node, values)
                return float(exact(whole) / len(values)) if values and isinstance(whole, Number) else None
            case "min":
                return min(values, key=sortable, default=None)
            case "max":
                return max(values, key=sortable, default=None)
            case "distinct":
                return len(set(values))
        # mode: the most frequent, the smallest of those that are equally frequent
        return min(values, key=lambda each: (-values.count(each), sortable(each)), default=None)

    def _sum(self, node: n.Aggregate, values: list[Value]) -> Number | None:
        kind = self.catalogue.events[node.event].kind_of(node.property)
        numbers = [each for each in values if isinstance(each, Number)]
        if kind is Kind.NUMBER:
            return self.add([float(each) for each in numbers])
        total = sum((exact(each) for each in numbers), Fraction(0))
        return in_range(total, Decimal if kind is Kind.MONEY else int)

    @_of.register
    def _(self, node: n.Sequence, person: Person) -> Value | None:
        firsts = self.events(person, node.events[0], node.where, node.window)
        return any(self._goes_on(person, each, node.events[1:], node.within) for each in firsts)

    def _goes_on(self, person: Person, before: Event, steps: tuple[str, ...], within: int) -> bool:
        if not steps:
            return True
        return any(
            each.name == steps[0]
            and self._answers(each, before, within)
            and self._goes_on(person, each, steps[1:], within)
            for each in person.events
        )

    def _answers(self, later: Event, before: Event, within: int) -> bool:
        """Whether an event that has happened by now came later than another and soon enough."""
        soon = later.occurred_at <= min(self.now, before.occurred_at + microseconds(within))
        return soon and order(later) > order(before)

    @_of.register
    def _(self, node: n.Followed, person: Person) -> Value | None:
        firsts = self.events(person, node.event, node.where, node.window)
        if not node.negated:
            return any(self._followed(node, each, person) for each in firsts)
        return any(
            each.occurred_at + microseconds(node.within) <= self.now and not self._followed(node, each, person)
            for each in firsts
        )

    def _followed(self, node: n.Followed, first: Event, person: Person) -> bool:
        def link(event: Event) -> Value | None:
            return self.value(n.Property(name=node.on), event) if node.on else ""

        return any(
            each.name == node.by
            and self._answers(each, first, node.within)
            and link(first) is not None
            and link(first) == link(each)
            for each in person.events
        )

    @_of.register
    def _(self, node: n.Regularly, person: Person) -> Value | None:
        periods = [n.Window(kind="between", older=(i + 1) * node.every, newer=i * node.every) for i in range(node.of)]
        return sum(bool(self.events(person, node.event, node.where, each)) for each in periods) >= node.periods

    @_of.register
    def _(self, node: n.Stopped, person: Person) -> Value | None:
        ever = self.events(person, node.event, node.where, n.EVER)
        return bool(ever) and not self.events(person, node.event, node.where, n.Window(kind="last", older=node.after))

    @_of.register
    def _(self, node: n.Change, person: Person) -> Value | None:
        recent = replace(self, window=n.Window(kind="last", older=node.last))
        before = replace(self, window=n.Window(kind="between", older=2 * node.last, newer=node.last))
        above, below = recent.value(node.inner, person), before.value(node.inner, person)
        return calculated("/", above, below) if isinstance(above, Number) and isinstance(below, Number) else None

    @_of.register
    def _(self, node: n.Since, person: Person) -> Value | None:
        moment = self.value(node.moment, person)
        return self.now - moment if isinstance(moment, datetime) else None

    @_of.register
    def _(self, node: n.Days, person: Person) -> Value | None:
        elapsed = self.value(node.duration, person)
        if not isinstance(elapsed, timedelta):
            return None
        here, there = (((each - EPOCH) // timedelta(seconds=1)) for each in (self.now, self.now - elapsed))
        return (here - there) / 86400

    @_of.register
    def _(self, node: n.Place, person: Person) -> Value | None:
        mine = self.value(node.inner, person)
        if not isinstance(mine, Number):
            return False if node.kind == "top" else None
        found = [self.value(node.inner, each) for each in self.people]
        values = [place for each in found if isinstance(each, Number) and (place := ranked(each)) is not None]
        own = ranked(mine)
        if own is None:
            return False if node.kind == "top" else None
        if node.kind == "top":
            return sum(each > own for each in values) < node.n
        if node.kind == "percentile":
            return sum(each <= own for each in values) * 1000 // len(values) / 1000
        return 1 + math.floor(Fraction(sum(each < own for each in values) * 1000 // len(values), 1000) * node.n)

    @_of.register
    def _(self, node: n.Relation, person: Person) -> Value | None:
        group = person.groups.get(node.relation)
        members = [person]
        if group is not None:
            members = [each for each in self.people if each.groups.get(node.relation) == group]
        holding = [each for each in members if self.holds(node.condition, each)]
        return {"any": bool(holding), "all": len(holding) == len(members), "none": not holding}[node.kind]

    @_of.register
    def _(self, node: n.Bucket, person: Person) -> Value | None:
        digest = sha256(f"{node.salt}:{person.customer_id}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 10_000

    @_of.register
    def _(self, node: n.Distance, person: Person) -> Value | None:
        latitude, longitude = (person.traits.get(f"{node.place.name}_{end}") for end in ("lat", "lon"))
        if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
            return None
        return great_circle(latitude, longitude, float(node.latitude), float(node.longitude))


def order(event: Event) -> tuple[datetime, int]:
    """Where an event stands among others: by instant, then by position."""
    return event.occurred_at, event.position


def constant(node: n.Constant) -> Value:
    """A settled constant as a value of its kind."""
    value = node.value
    if isinstance(value, bool | str | datetime):
        return value
    match node.kind:
        case Kind.NUMBER:
            return float(value)
        case Kind.MONEY:
            return Decimal(value)
        case Kind.DURATION:
            return microseconds(int(value))
    return int(value)
