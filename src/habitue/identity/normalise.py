"""Identifiers as they are compared: written one way, and nothing that identifies nobody.

`None` comes back for what is no identifier: empty text, placeholders such as `null` or `anonymous`, addresses and
numbers that nobody can have.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

import phonenumbers

JUNK: Final = frozenset(
    {
        "-1", "0", "null", "nil", "none", "nan", "undefined", "unknown", "anonymous", "guest", "test", "na", "n/a",
        "#n/a", "n.a.", "empty", "default", "false", "true", "[object]", "xxx", "not available", "[object object]",
        "not set", "(not set)",
    }
)  # fmt: skip
JUNK_ADDRESSES: Final = frozenset(
    {
        "test@test.com", "test@test.de", "test@example.com", "a@a.com", "a@a.a", "a@b.com", "a@b.c", "abc@abc.com",
        "asdf@asdf.com", "no@no.com", "none@none.com", "noemail@noemail.com", "no@email.com", "na@na.com",
        "null@null.com", "unknown@unknown.com", "email@email.com", "user@example.com", "name@example.com",
        "anonymous@anonymous.com", "guest@guest.com", "x@x.com", "xxx@xxx.com",
    }
)  # fmt: skip
_NOTHING: Final = re.compile(r"[0-]*")
_NOBODY: Final = re.compile(r"(no-?reply|donotreply|do-not-reply|mailer-daemon|postmaster)(\+.*)?")
_SPACE: Final = re.compile(r"\s+")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_LOCAL: Final = re.compile(r"[^\s@<>(),;:\"\\\x00-\x1f]{1,64}")
_DOMAIN: Final = re.compile(r"(?=.{3,253}\Z)[^\W_](?:[\w-]{0,62}[^\W_])?(?:\.[^\W_](?:[\w-]{0,62}[^\W_])?)+")
_LONGEST: Final = 512
_FEWEST_DIGITS: Final = 7


class Kind(StrEnum):
    """How identifiers of a namespace are written."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"


def normalise_text(value: str) -> str | None:
    """Trimmed and in Unicode form NFKC, with single spaces; case is kept, because ids differ by case.

    Examples:
        >>> normalise_text("  A-17 "), normalise_text("0000-0000"), normalise_text("Anonymous")
        ('A-17', None, None)
    """
    text = _plain(value)
    if len(text) > _LONGEST or _NOTHING.fullmatch(text) or text.casefold() in JUNK:
        return None
    return text


def normalise_email(value: str) -> str | None:
    """An e-mail address in lower case, the host as people read it; no guess at what a provider ignores.

    Dots and `+tags` stay: dropping them joins people at providers where they count.

    Examples:
        >>> normalise_email(" Ann.Lee@Example.ORG. "), normalise_email("mailto:ann@example.org")
        ('ann.lee@example.org', 'ann@example.org')
        >>> normalise_email("test@test.com"), normalise_email("ann at example.org")
        (None, None)
    """
    text = _plain(value).casefold().removeprefix("mailto:")
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    local, at, domain = text.rpartition("@")
    domain = domain.removesuffix(".")
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    address = f"{local}@{_readable(domain)}"
    return None if address in JUNK_ADDRESSES or _NOBODY.fullmatch(local) or local in JUNK else address


def normalise_phone(value: str, region: str | None = None) -> str | None:
    """A telephone number in E.164, e.g. `+442079460018`; None where nobody can have it.

    Args:
        value: As somebody wrote it.
        region: Two letters of the country of numbers without a country code; None takes only international numbers.

    Examples:
        >>> normalise_phone("(020) 7946-0018", "GB"), normalise_phone("00442079460018", "GB")
        ('+442079460018', '+442079460018')
        >>> normalise_phone("0000000000", "GB"), normalise_phone("12345", "GB")
        (None, None)
    """
    text = _plain(value)
    digits = re.sub(r"\D", "", text)
    if len(digits) < _FEWEST_DIGITS or len(set(digits)) == 1 or digits in "012345678901234567890":
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise(
    kind: Kind, values: Iterable[str | None], *, region: str | None = None, blocked: Collection[str] = ()
) -> list[str | None]:
    """Each value as it is compared, in order; None where it identifies nobody.

    Args:
        kind: How the values are written.
        values: As they came.
        region: For telephone numbers without a country code.
        blocked: More values, as they are compared, that identify nobody in this project.

    Examples:
        >>> normalise(Kind.EMAIL, ["ANN@example.org", None, "shop@example.org"], blocked={"shop@example.org"})
        ['ann@example.org', None, None]
    """
    known: dict[str, str | None] = {}
    result: list[str | None] = []
    for value in values:
        if value is None:
            result.append(None)
            continue
        if value not in known:
            found = _one(kind, value, region)
            known[value] = None if found in blocked else found
        result.append(known[value])
    return result


def _one(kind: Kind, value: str, region: str | None) -> str | None:
    match kind:
        case Kind.EMAIL:
            return normalise_email(value)
        case Kind.PHONE:
            return normalise_phone(value, region)
        case Kind.TEXT:
            return normalise_text(value)


def _plain(value: str) -> str:
    return _SPACE.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", value))).strip()


def _readable(domain: str) -> str:
    """A host name in Unicode, so that `xn--mnchen-3ya.de` and `münchen.de` are one."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
