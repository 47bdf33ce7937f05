"""What `habitue.yaml` says about the project as a whole."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from habitue.config.currencies import CURRENCIES
from habitue.config.documents import Declared, Document, read_file
from habitue.config.folder import PROJECT_FILE
from habitue.config.sign_in import SignIn, SignInFile, check_address, sign_in_of
from habitue.errors import Fault, HabitueError, did_you_mean
from habitue.records.durations import parse_duration

AsOf: TypeAlias = Literal["newest_event", "now"] | datetime

NO_CURRENCY = "XXX"
_SIZES = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([KMGT]i?B)")
_LEAST_MEMORY = 64 * 2**20
_LEAST_PERIOD_US = 60 * 1_000_000


class TimeZoneError(HabitueError, ValueError):
    """A text is not the name of a time zone."""

    code = "TIME-ZONE"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = did_you_mean(name[:60], known)
        super().__init__(
            what=f"{name[:60]!r} is not a time zone.",
            do=f"Did you mean {near!r}?" if near else "Write an IANA name such as Europe/London or UTC.",
        )


class CurrencyError(HabitueError, ValueError):
    """A text is not a currency code."""

    code = "CURRENCY"

    def __init__(self, text: str) -> None:
        super().__init__(
            what=f"{text[:20]!r} is not a currency code.",
            do="Write three capital letters of ISO 4217 such as EUR, GBP or USD.",
        )


class SizeError(HabitueError, ValueError):
    """A text is not an amount of memory that can be worked with."""

    code = "SIZE"

    def __init__(self, text: str) -> None:
        super().__init__(
            what=f"{text[:40]!r} is not an amount of memory from 64 MiB upwards.",
            do="Write a number and a unit, such as 512MB, 2GB or 1.5GiB.",
        )


class MomentError(HabitueError, ValueError):
    """A text is neither a word for the moment of the answers nor a time."""

    code = "AS-OF"

    def __init__(self, text: str) -> None:
        super().__init__(
            what=f"{text[:40]!r} is not a moment.",
            do="Write newest_event, now, or a time with its offset such as 2011-12-09T12:50:00Z.",
        )


def check_time_zone(name: str) -> str:
    """The name itself when the IANA database has it; else `TimeZoneError`."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise TimeZoneError(name, available_timezones()) from None
    return name


def check_currency(code: str) -> str:
    """The code itself when ISO 4217 has or had it; else `CurrencyError`."""
    if code not in CURRENCIES:
        raise CurrencyError(code)
    return code


def parse_size(text: str) -> int:
    """An amount of memory in bytes: `KB MB GB TB` are powers of 1000, `KiB MiB GiB TiB` of 1024.

    Examples:
        >>> parse_size("2GB"), parse_size("1.5GiB")
        (2000000000, 1610612736)
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise SizeError(text)
    whole, _, fraction = found[1].partition(".")
    size = (int(whole) * 1000 + int(fraction.ljust(3, "0"))) * _SIZES[found[2]] // 1000
    if size < _LEAST_MEMORY:
        raise SizeError(text)
    return size


def parse_as_of(text: str) -> AsOf:
    """The moment the project's answers are about: a word, or an aware time in UTC."""
    if text == "newest_event":
        return "newest_event"
    if text == "now":
        return "now"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise MomentError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentError(text) from None


def _check_gap(text: str) -> str:
    if parse_duration(text) <= 0:
        raise ValueError("a visit's gap has to be longer than nothing")
    return text


def _check_as_of(text: str) -> str:
    parse_as_of(text)
    return text


def _check_size(text: str) -> str:
    parse_size(text)
    return text


class SessionFile(Declared):
    """What a visit is made of."""

    gap: Annotated[str, AfterValidator(_check_gap)] = Field(
        default="30m", description="A visit ends when nothing happened for this long: 30m, 1h …"
    )
    events: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        (), description="The events that visits are made of; left out: those of a web site or app."
    )


def _check_period(text: str) -> str:
    if text != "never" and parse_duration(text) < _LEAST_PERIOD_US:
        raise ValueError("a minute at least, or never")
    return text


class ScheduleFile(Declared):
    """What `habitue serve` does by itself, and how often."""

    build: Annotated[str, AfterValidator(_check_period)] = Field(
        "1h", description="How often sources are loaded and everything stale is built: 15m, 1h, 1d, or never."
    )
    retention: Annotated[str, AfterValidator(_check_period)] = Field(
        "1d", description="How often what has been kept long enough is removed: 1d, or never."
    )


class SettingsFile(Declared):
    """The project as a whole: its name, its money, its time."""

    name: str = Field(min_length=1, max_length=200, description="What the project is called.")
    noun: str = Field(
        "customer", pattern=r"^[^\s\d][^\n]{0,39}$", description="Whom the project is about, in one word."
    )
    time_zone: Annotated[str, AfterValidator(check_time_zone)] = Field(
        "UTC", description="IANA name of the zone that days and hours are counted in, e.g. Europe/London."
    )
    currency: Annotated[str, AfterValidator(check_currency)] = Field(
        NO_CURRENCY, description="ISO 4217 code of all money in the project, e.g. GBP."
    )
    as_of: Annotated[str, AfterValidator(_check_as_of)] = Field(
        "newest_event",
        description="The moment answers are about: newest_event (for files of the past), now, or a time with offset.",
    )
    session: SessionFile = SessionFile()
    schedule: ScheduleFile = ScheduleFile()
    memory: Annotated[str, AfterValidator(_check_size)] | None = Field(
        None, description="The most memory the database may take, e.g. 2GB; left out: half of the machine's."
    )
    estimate_from: int = Field(
        50_000,
        ge=100,
        le=10**9,
        description="How many customers, about, an estimate looks at where there are more, until all are counted.",
    )
    address: Annotated[str, AfterValidator(check_address)] | None = Field(
        None, description="Where people reach the server through a proxy: https://…; left out: on this machine only."
    )
    sign_in: SignInFile | None = Field(None, description="Who vouches for people, beside accounts of the project.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """What a visit is made of.

    Attributes:
        gap_us: A visit ends when nothing happened for this long, in microseconds.
        events: The events that visits are made of; empty leaves it to the rooms that make visits.
    """

    gap_us: int = 30 * 60 * 1_000_000
    events: tuple[str, ...] = ()

    @property
    def gap(self) -> timedelta:
        """The gap as a length of time."""
        return timedelta(microseconds=self.gap_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is done while a project is served, and how often.

    Attributes:
        build_us: Microseconds between builds; None for never.
        retention_us: Microseconds between looking for what has been kept long enough; None for never.
    """

    build_us: int | None = 60 * 60 * 1_000_000
    retention_us: int | None = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for the whole project.

    Attributes:
        name: What the project is called.
        noun: Whom it is about: customer, patient, guest.
        time_zone: IANA name of the zone that days and hours are counted in.
        currency: ISO 4217 code of all money; `XXX` is none.
        as_of: The moment answers are about: of the newest event, now, or an instant in UTC.
        session: What a visit is made of.
        schedule: What is done while it is served.
        memory: The most memory the database may take, in bytes; None leaves it to the engine.
        estimate_from: How many customers an estimate looks at, about, where there are more.
        address: Where people reach the server through a proxy; None where they sit at this machine.
        sign_in: Who vouches for people, beside accounts of the project.
    """

    name: str
    noun: str = "customer"
    time_zone: str = "UTC"
    currency: str = NO_CURRENCY
    as_of: AsOf = "newest_event"
    session: SessionSettings = SessionSettings()
    schedule: Schedule = Schedule()
    memory: int | None = None
    estimate_from: int = 50_000
    address: str | None = None
    sign_in: SignIn | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone with its rules."""
        return ZoneInfo(self.time_zone)


def read_settings(folder: Path) -> tuple[Settings | None, list[Fault]]:
    """What the project's `habitue.yaml` says, or None and every fault of it.

    Args:
        folder: The project folder.
    """
    documents, faults = read_file(folder / PROJECT_FILE, PROJECT_FILE, SettingsFile)
    if faults:
        return None, faults
    if len(documents) != 1:
        return None, [_not_one(documents)]
    return _settings(documents[0].value), []


def _not_one(documents: list[Document[SettingsFile]]) -> Fault:
    what = "The file holds more than one document." if documents else "The file is empty."
    line = documents[1].line() if documents else 0
    return Fault(file=PROJECT_FILE, line=line, code="SETTINGS", what=what, do="Write one document with `name: …`.")


def _settings(said: SettingsFile) -> Settings:
    return Settings(
        name=said.name,
        noun=said.noun,
        time_zone=said.time_zone,
        currency=said.currency,
        as_of=parse_as_of(said.as_of),
        session=SessionSettings(gap_us=parse_duration(said.session.gap), events=said.session.events),
        schedule=Schedule(build_us=_period(said.schedule.build), retention_us=_period(said.schedule.retention)),
        memory=None if said.memory is None else parse_size(said.memory),
        estimate_from=said.estimate_from,
        address=said.address,
        sign_in=None if said.sign_in is None else sign_in_of(said.sign_in),
    )


def _period(text: str) -> int | None:
    return None if text == "never" else parse_duration(text)
