"""The values that travel between the parts of `habitue start`: what was seen, what it was taken for, what to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from habitue.records import Kind

Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain]"


class ColumnRole(StrEnum):
    """What one column of somebody's file says about a customer, an order or an item."""

    CUSTOMER = "customer"
    ACCOUNT = "link to the customer"
    ANONYMOUS = "anonymous visitor"
    ORDER = "order"
    LINE_NUMBER = "line number"
    ITEM = "item"
    TIME = "time"
    OTHER_TIME = "another time"
    AMOUNT = "amount"
    PRICE = "price"
    QUANTITY = "quantity"
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    TAX = "tax"
    CURRENCY = "currency"
    CATEGORY = "category"
    BRAND = "brand"
    DESCRIPTION = "description"
    PERSON_NAME = "name of a person"
    COUNTRY = "country"
    REGION = "region"
    CITY = "city"
    POSTCODE = "postcode"
    ADDRESS = "address"
    EMAIL = "e-mail"
    PHONE = "phone"
    BIRTH_DATE = "birth date"
    GENDER = "gender"
    EVENT_NAME = "event name"
    MESSAGE_TYPE = "message type"
    EVENT_ID = "event id"
    PAGE = "page"
    STATUS = "status"
    CANCEL_FLAG = "cancel marker"
    COUPON = "coupon"
    CAMPAIGN = "campaign"
    STORE = "store"
    SCORE = "score"
    PAYMENT_TYPE = "payment type"
    DEVICE = "device"
    FLAG = "flag"
    NUMBER = "number"
    TEXT = "text"
    ROW_NUMBER = "row number"
    EMPTY = "empty"


class TableRole(StrEnum):
    """What one row of somebody's file stands for."""

    ORDERS = "orders, one row each"
    ORDER_LINES = "order lines"
    EVENTS = "events"
    MESSAGES = "tracking messages"
    PAGES = "page views"
    CUSTOMERS = "customers"
    ITEMS = "items"
    PAYMENTS = "payments"
    REVIEWS = "reviews"
    CAMPAIGNS = "campaigns sent"
    REDEMPTIONS = "coupons redeemed"
    LOOKUP = "look-up for other files"
    UNKNOWN = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledTable:
    """The first or spread rows of one file, as text, and how it was read.

    Attributes:
        path: As the project's `files:` should name it.
        columns: Raw column names in file order; `column_1`, `column_2` … when the file has no header.
        rows: Sampled rows; each as long as `columns`; None or blanks mean missing.
        row_count: Rows of the whole file, or None when it was not counted.
        delimiter: The separator of a CSV; `whitespace` for runs of blanks; empty for other formats.
        encoding: Name of the character set, empty when it is the default.
        decimal: The decimal sign when the reader already knows it, else empty.
        header: Whether the first line holds names.
        format: csv, parquet, json or ndjson.
        also: Further files with the same columns, read after this one.
    """

    path: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    row_count: int | None = None
    delimiter: str = ","
    encoding: str = ""
    decimal: str = ""
    header: bool = True
    format: str = "csv"
    also: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The file name without folders and endings."""
        name = self.path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
        return name.split(".", 1)[0] or name

    def cells(self, column: str) -> tuple[str, ...]:
        """The sampled cells of one column, trimmed; missing ones are empty."""
        index = self.columns.index(column)
        return tuple((row[index] or "").strip() for row in self.rows)

    @property
    def is_whole(self) -> bool:
        """True when the sample is known to be the whole file."""
        return self.row_count is not None and self.row_count <= len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """What the sampled values of one column measure, before anybody reads its name.

    Attributes:
        kind: The narrowest kind that nearly all filled values fit.
        filled: Share of rows with a value, 0 to 1.
        rows: Sampled rows.
        distinct: Different values.
        counts: How often each value occurs.
        missing: Texts seen that mean there is no value, such as NULL.
        formats: Time formats that together read nearly all values; empty unless `kind` is time.
        is_date_only: The formats hold no time of day.
        day_order: `certain`, `ambiguous` or empty, for times that state a day and a month as numbers.
        decimal: The decimal sign, `.` or `,`, or empty when no value shows one.
        thousands: The sign between thousands, or empty.
        decimals: The most digits after the decimal sign.
        zero_fraction: Whole numbers written as `12.0`.
        sign: An ISO currency code found in a currency sign or code beside the figures.
        negatives: Share of filled values below zero.
        zeros: Share of filled values equal to zero.
        has_offset: The times carry an offset from UTC.
        emails: Share of filled values that are e-mail addresses.
        phones: Share that look like telephone numbers.
        urls: Share that are web addresses or paths.
        words: Mean number of words.
    """

    kind: Kind
    filled: float
    rows: int
    distinct: int
    counts: Mapping[str, int]
    missing: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    is_date_only: bool = False
    day_order: str = ""
    decimal: str = ""
    thousands: str = ""
    decimals: int = 0
    zero_fraction: bool = False
    sign: str = ""
    negatives: float = 0.0
    zeros: float = 0.0
    has_offset: bool = False
    emails: float = 0.0
    phones: float = 0.0
    urls: float = 0.0
    words: float = 0.0

    @property
    def is_unique(self) -> bool:
        """True when (nearly) every row has its own value."""
        return self.distinct > 1 and self.filled >= 0.99 and self.distinct >= 0.999 * self.filled * self.rows

    @property
    def repeats(self) -> float:
        """Mean rows per value."""
        return self.filled * self.rows / self.distinct if self.distinct else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """What one column was taken for.

    Attributes:
        column: Raw name.
        field: The project's name for it, an identifier unique in the table.
        role: Its part in the project.
        confidence: From 0 (a shot in the dark) to 1 (certain).
        reason: Why, in words.
        kind: What its values are read as.
        facts: What its values measure.
        integer_text: Ids such as `13085.0` mean 13085.
        personal: Identifies or describes a person directly.
    """

    column: str
    field: str
    role: ColumnRole
    confidence: float
    reason: str
    kind: Kind
    facts: ColumnFacts
    integer_text: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """How a table marks what was called off or sent back.

    Attributes:
        refund: Row condition (rule language) of a return or refund, empty when there is none.
        cancel: Row condition of an order called off before it was done, empty when there is none.
        reason: What shows it.
        confidence: From 0 to 1.
    """

    refund: str = ""
    cancel: str = ""
    reason: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A look-up of one table in another, on one column.

    Attributes:
        table: Path of the table looked up.
        on: Raw column of the looking table, or of a table looked up before it.
        key: Raw column of the table looked up; unique there.
        columns: Raw columns to bring over.
    """

    table: str
    on: str
    key: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGuess:
    """What one file was taken for.

    Attributes:
        table: What was sampled.
        role: What a row stands for.
        confidence: From 0 to 1.
        reason: Why, in words; for a table left out, why and what would change that.
        columns: One guess per column, in file order.
        links: Look-ups needed to know customer, time and what belongs to it.
        cancellation: How it marks returns and cancellations.
    """

    table: SampledTable
    role: TableRole
    confidence: float
    reason: str
    columns: tuple[ColumnGuess, ...]
    links: tuple[Link, ...] = ()
    cancellation: Cancellation = Cancellation()

    def of_role(self, *roles: ColumnRole) -> tuple[ColumnGuess, ...]:
        """The columns taken for any of the roles, most confident first, then in file order."""
        found = [each for each in self.columns if each.role in roles]
        return tuple(sorted(found, key=lambda each: -each.confidence))

    def first(self, *roles: ColumnRole) -> ColumnGuess | None:
        """The most confident column of the roles, or None."""
        found = self.of_role(*roles)
        return found[0] if found else None

    def column(self, raw: str) -> ColumnGuess:
        """The guess about one raw column."""
        return next(each for each in self.columns if each.column == raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A guess about the whole project: its time zone or its currency."""

    value: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Everything guessed from the files given.

    Attributes:
        name: The project's name.
        noun: The word for whom the project serves.
        tables: One guess per file, in the order given.
        time_zone: IANA name.
        currency: ISO 4217 code.
        as_of: `newest_event`, or `now` when nothing in the files happened at a time.
    """

    name: str
    noun: str
    tables: tuple[TableGuess, ...]
    time_zone: Setting
    currency: Setting
    as_of: str

    def table(self, path: str) -> TableGuess:
        """The guess about one file."""
        return next(each for each in self.tables if each.table.path == path)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessLine:
    """One line of what was guessed, for the terminal and for `--json`.

    Attributes:
        table: The file's path; empty for guesses about the project.
        column: Raw column name; empty for guesses about a whole file.
        role: What it was taken for.
        confidence: From 0 to 1.
        reason: Why, in words.
        change: Where to change it.
    """

    table: str
    column: str
    role: str
    confidence: float
    reason: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedDocument:
    """One YAML document: comment lines put before it, and its plain values in order."""

    comment: tuple[str, ...]
    values: Mapping[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFile:
    """One file of the project to write, relative to the project folder."""

    path: str
    documents: tuple[ProposedDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A whole project to write."""

    files: tuple[ProposedFile, ...]

    def of_folder(self, folder: str) -> tuple[ProposedDocument, ...]:
        """All documents of one folder, e.g. `sources`."""
        return tuple(doc for file in self.files if file.path.startswith(f"{folder}/") for doc in file.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """A feature or segment to start with.

    Attributes:
        file: The file it goes to, without ending; for segments the group too.
        name: Its name.
        label: A few words for people.
        rule: Its rule; `<word>` stands for something of the project.
        description: What it is for; empty for features.
        needs: What the project must have: `clock`, `session`, or empty.
    """

    file: str
    name: str
    label: str
    rule: str
    description: str
    needs: str = ""
