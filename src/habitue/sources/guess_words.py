"""What the name of a column says about its role, from the list of names that ships with Habitue."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from habitue.config.text import Plain as YamlValue
from habitue.config.text import parse
from habitue.records import snake_case
from habitue.sources.guess_values import ColumnRole

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ł": "l"})
_GENERIC_ID = re.compile(r"(?:unique_?|rec(?:ord)?_?|session_?|uu|gu)?id|(?:kenn|ident)?nummer|key|code|nr|no")
_SENSITIVE = re.compile(r".*(?:religio|ethnic|race|disab|health|diagnos|politic|sexual|marital|nationality|senior).*")
_TIMES = (ColumnRole.TIME, ColumnRole.OTHER_TIME, ColumnRole.BIRTH_DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A role that a column's name suggests, and how strongly (0 to 1)."""

    role: ColumnRole
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Names of columns and the roles they suggest.

    Attributes:
        entries: A pattern over the whole slug, with what a match suggests.
    """

    entries: tuple[tuple[re.Pattern[str], Hint], ...]

    def hints(self, name: str) -> tuple[Hint, ...]:
        """The roles a column's name suggests, strongest first; empty when it says nothing.

        Examples:
            >>> words = read_vocabulary()
            >>> words.hints("Kundennummer")[0].role.value, words.hints("InvoiceDate")[0].role.value
            ('customer', 'time')
        """
        slug = slug_of(last_part(name))
        best: dict[ColumnRole, Hint] = {}
        for pattern, hint in self.entries:
            if pattern.fullmatch(slug) and (hint.role not in best or best[hint.role].strength < hint.strength):
                best[hint.role] = hint
        return tuple(sorted(best.values(), key=lambda hint: -hint.strength))

    def names_a_time(self, name: str) -> bool:
        """Whether a column's name says that it holds a time.

        Examples:
            >>> words = read_vocabulary()
            >>> words.names_a_time("Dt_Customer"), words.names_a_time("Price")
            (True, False)
        """
        return any(hint.role in _TIMES for hint in self.hints(name))


def read_vocabulary() -> Vocabulary:
    """The names that ship with Habitue."""
    text = files("habitue").joinpath("templates", "start", "names.yaml").read_text(encoding="utf-8")
    trees, _ = parse(text, "names.yaml")
    root = trees[0].value
    entries_of = root if isinstance(root, Mapping) else {}
    words = _words(entries_of["words"])
    entries = []
    for entry in _sequence(entries_of["roles"]):
        if isinstance(entry, Mapping):
            alternatives = "|".join(_expand(str(each), words) for each in _sequence(entry["names"]))
            hint = Hint(role=ColumnRole(str(entry["role"])), strength=float(str(entry["strength"])))
            entries.append((re.compile(alternatives), hint))
    return Vocabulary(entries=tuple(entries))


def _words(value: YamlValue) -> dict[str, str]:
    """The named lists of words, each as one pattern."""
    if not isinstance(value, Mapping):
        return {}
    lists = {key: "|".join(str(each) for each in _sequence(items)) for key, items in value.items()}
    return {key: f"_?(?:{text})?" if key == "id" else f"(?:{text})" for key, text in lists.items()}


def _sequence(value: YamlValue) -> Sequence[YamlValue]:
    """A list of the file; empty for anything else."""
    return value if isinstance(value, list) else []


def _expand(pattern: str, words: Mapping[str, str]) -> str:
    """A pattern with `<word>` replaced by the list of that name."""
    return re.sub(r"(?<!\?P)<(\w+)>", lambda m: words[m[1]], pattern)


def last_part(name: str) -> str:
    """The last member of a dotted path, as nested JSON has them.

    Examples:
        >>> last_part("properties.page.path"), last_part("Bestell-Nr.")
        ('path', 'Bestell-Nr.')
    """
    return name.rsplit(".", 1)[-1] if re.fullmatch(r"[^.\s]+(?:\.[^.\s]+)+", name) else name


def slug_of(name: str) -> str:
    """The identifier that a raw column name becomes.

    Examples:
        >>> slug_of("Größe"), slug_of("Customer ID"), slug_of("Bestell-Nr."), slug_of("properties.page.path")
        ('groesse', 'customer_id', 'bestell_nr', 'properties_page_path')
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(_LETTERS))
    return snake_case("".join(each for each in letters if not unicodedata.combining(each)))


def is_generic_id(name: str) -> bool:
    """Whether a name says "identifier" without saying whose.

    Examples:
        >>> is_generic_id("ID"), is_generic_id("country")
        (True, False)
    """
    return bool(_GENERIC_ID.fullmatch(slug_of(name)))


def is_sensitive(name: str) -> bool:
    """Whether a trait should not be proposed as a ground for a segment.

    Examples:
        >>> is_sensitive("Marital_Status"), is_sensitive("Education")
        (True, False)
    """
    return bool(_SENSITIVE.fullmatch(slug_of(name)))
