"""Declared properties and traits out of what a message says, held against their contract, personal ones masked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from habitue.records import MONEY_DECIMALS
from habitue.sources.arrivals import Stored
from habitue.sources.inbox_checks import REQUIRED, check_of
from habitue.sources.inbox_places import Place
from habitue.sources.inbox_values import Reader, Wrong, read_list, read_location
from habitue.sources.spec import FieldKind, PropertySpec
from habitue.streams.messages import Message

Problem = tuple[str, Wrong]
Mask = Callable[[str, str], str]
"""What stands for a personal value: of the name of its column and the value."""
_STEP: Final = Decimal(1).scaleb(-MONEY_DECIMALS)


class Found(msgspec.Struct, gc=False):
    """What was found in one object of a message; None stands for nothing of the kind.

    Attributes:
        values: Declared values in stored form, by column.
        problems: What is wrong: the name of the property, and what.
        personal: Personal values as written, by name.
        rest: What is not declared, or does not fit, as it came.
        lists: The entries of lists, by name of the property.
    """

    values: dict[str, Stored]
    problems: list[Problem] | None = None
    personal: dict[str, Stored] | None = None
    rest: dict[str, object] | None = None
    lists: dict[str, list[object]] | None = None

    def add_problem(self, name: str, wrong: Wrong) -> None:
        """Note something that is wrong."""
        if self.problems is None:
            self.problems = []
        self.problems.append((name, wrong))

    def keep(self, key: str, value: object) -> None:
        """Keep something as it came."""
        if self.rest is None:
            self.rest = {}
        self.rest[key] = value

    def add_personal(self, name: str, mask: str, text: str) -> None:
        """Take a personal value: what stands for it, and itself."""
        self.values[name] = mask
        if self.personal is None:
            self.personal = {}
        self.personal[name] = text

    def take_over(self, other: "Found", under: str) -> None:
        """Take over what is wrong with another object and what is not declared in it, the latter under a key."""
        for name, wrong in other.problems or ():
            self.add_problem(name, wrong)
        if other.rest:
            for key, value in {under: other.rest}.items() if under else other.rest.items():
                self.keep(key, value)
        other.problems, other.rest = None, None

    def lacks(self, name: str, seen: str) -> bool:
        """Whether there is neither a value nor anything wrong with it."""
        if seen in self.values or (self.lists is not None and name in self.lists):
            return False
        return self.problems is None or all(each != name for each, _ in self.problems)


Special = Callable[[Found, object], Wrong | None]
"""Takes a value that is more than one plain column, and says what is wrong with it."""


_Field = tuple[str, Reader, Special | None]
"""How one declared name is read: plainly, or in a special way; a plain tuple, which is taken apart fastest."""


class FieldsReader:
    """Reads the declared names of one contract.

    Args:
        parts: What is asked of each name.
        spellings: Keys under which a name stands, before its own.
        others: Further keys under which a name may stand, after its own.
        places: Where names stand elsewhere in the message, in order; looked at where the object has none.
        only_there: Names that stand nowhere but in their places.
        zone: Zone of times without an offset.
        mask: What stands for personal values.
    """

    def __init__(
        self,
        parts: Mapping[str, PropertySpec],
        *,
        spellings: Mapping[str, Sequence[str]],
        places: Mapping[str, Sequence[Place]],
        others: Mapping[str, str] | None = None,
        only_there: Collection[str] = (),
        zone: ZoneInfo,
        mask: Mask,
    ) -> None:
        fields = {name: _field(name, rules, zone, mask) for name, rules in parts.items()}
        self._keys: dict[str, _Field] = {}
        for name, keys in spellings.items():
            for key in keys:
                self._keys.setdefault(key, fields[name])
        for name, field in fields.items():
            if name not in only_there:
                self._keys.setdefault(name, field)
                self._keys.setdefault(camel_case(name), field)
        for name, key in (others or {}).items():
            if name in fields:
                self._keys.setdefault(key, fields[name])
        self._places = tuple((_seen(name, parts[name]), fields[name], tuple(each)) for name, each in places.items())
        self._grounds = frozenset(ground for each in places.values() for place in each for ground in place.grounds)
        self._looks_anywhere = any(not place.grounds for each in places.values() for place in each)
        self._required = tuple((name, _seen(name, rules)) for name, rules in parts.items() if rules.required)

    def read(self, said: Mapping[str, object], message: Message | None) -> Found:
        """What an object says of the declared names.

        Args:
            said: The object.
            message: The message it stands in; None where no place outside the object is looked at.
        """
        values: dict[str, Stored] = {}
        rest: dict[str, object] = {}
        found, known = Found(values), self._keys.get
        for key, value in said.items():
            field = known(key)
            if field is None:
                rest[key] = value
            elif value is not None:
                name, check, special = field
                got = check(value) if special is None else special(found, value)
                if isinstance(got, Wrong):
                    found.add_problem(name, got)
                    rest[key] = value
                elif got is not None:
                    values[name] = got
        if rest:
            found.rest = rest
        if message is not None and (self._looks_anywhere or not self._grounds.isdisjoint(message.context)):
            self._look_elsewhere(found, message)
        for name, seen in self._required:
            if seen not in values and found.lacks(name, seen):
                found.add_problem(name, REQUIRED)
        return found

    def _look_elsewhere(self, found: Found, message: Message) -> None:
        for seen, (name, check, special), places in self._places:
            if seen in found.values or (found.lists is not None and name in found.lists):
                continue
            for place in places:
                value = place.find(message)
                if value is None:
                    continue
                got = check(value) if special is None else special(found, value)
                if isinstance(got, Wrong):
                    found.add_problem(name, got)
                elif got is not None:
                    found.values[name] = got
                break


def camel_case(name: str) -> str:
    """The spelling of JavaScript.

    Examples:
        >>> camel_case("product_id")
        'productId'
    """
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def _seen(name: str, rules: PropertySpec) -> str:
    """The column by which it is seen that a name has a value."""
    return f"{name}_lat" if rules.type is FieldKind.LOCATION and not rules.personal else name


def _field(name: str, rules: PropertySpec, zone: ZoneInfo, mask: Mask) -> _Field:
    special: Special | None = None
    if rules.type is FieldKind.LIST:
        special = _list(name)
        return name, _nothing, special
    if rules.type is FieldKind.LOCATION:
        return name, _nothing, _location(name, mask if rules.personal else None)
    check = check_of(rules, zone)
    return name, check, _masked(name, rules.type, check, mask) if rules.personal else None


def _nothing(_: object) -> Stored | Wrong:
    return None


def _list(name: str) -> Special:
    def take(found: Found, value: object) -> Wrong | None:
        entries = read_list(value)
        if isinstance(entries, Wrong):
            return entries
        if entries is not None:
            found.lists = {**(found.lists or {}), name: entries}
        return None

    return take


def _location(name: str, mask: Mask | None) -> Special:
    def take(found: Found, value: object) -> Wrong | None:
        place = read_location(value)
        if isinstance(place, Wrong):
            return place
        if place is None:
            return None
        if mask is None:
            found.values[f"{name}_lat"], found.values[f"{name}_lon"] = place
        else:
            text = f"{place[0]},{place[1]}"
            found.add_personal(name, mask(name, text), text)
        return None

    return take


def _masked(name: str, kind: FieldKind, check: Reader, mask: Mask) -> Special:
    def take(found: Found, value: object) -> Wrong | None:
        got = check(value)
        if isinstance(got, Wrong):
            return got
        if got is not None:
            text = written(kind, got)
            found.add_personal(name, mask(name, text), text)
        return None

    return take


def written(kind: FieldKind, value: Stored) -> str:
    """A stored value in the one spelling that its mask is made of, as the warehouse spells it in text.

    Examples:
        >>> written(FieldKind.MONEY, "1.5"), written(FieldKind.BOOLEAN, True), written(FieldKind.TIME, 1_500_000)
        ('1.5000', 'true', '1970-01-01 00:00:01.5')
    """
    if kind is FieldKind.MONEY:
        return str(Decimal(str(value)).quantize(_STEP))
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in (FieldKind.TIME, FieldKind.DATE) and isinstance(value, int):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)
        if kind is FieldKind.DATE:
            return moment.date().isoformat()
        text = moment.replace(tzinfo=None).isoformat(" ")
        return text.rstrip("0") if moment.microsecond else text
    return str(value)
