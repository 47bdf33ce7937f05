"""Names as they are compared: folded to plain letters, and coded by sound."""

import re
import unicodedata
from typing import Final

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_OTHER: Final = re.compile(r"[^\w]+|_")
_CODES: Final = {
    letter: code
    for code, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for letter in letters
}
_SILENT: Final = frozenset("hw")
_FIRST: Final = {"k": "c", "q": "c", "z": "s", "y": "i", "j": "g"}
_LONGEST: Final = 5
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "jr", "sr"})


def fold(text: str) -> str | None:
    """Lower case without accents and punctuation, words apart by one space; None when nothing is left.

    Examples:
        >>> fold("  O'Brien-Smith "), fold("Weiß"), fold("Åsa"), fold("--")
        ('o brien smith', 'weiss', 'asa', None)
    """
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_OTHER.sub(" ", plain).split()) or None


def fold_name(text: str) -> str | None:
    """A folded name without titles, written as one word.

    Examples:
        >>> fold_name("Mrs. Anne-Marie"), fold_name("D'Angelo"), fold_name("Dr")
        ('annemarie', 'dangelo', 'dr')
    """
    folded = fold(text)
    if folded is None:
        return None
    words = folded.split(" ")
    kept = [word for word in words if word not in _TITLES] or words
    return "".join(kept)


def sound(name: str) -> str:
    """How a folded name sounds, roughly: Soundex with up to five signs, and first letters that sound alike as one.

    Russell and Odell, United States patents 1261167 (1918) and 1435663 (1922).

    Examples:
        >>> sound("meyer"), sound("maier"), sound("katherine") == sound("catherine"), sound("smith") == sound("smyth")
        ('m6', 'm6', True, True)
    """
    first = name[0]
    code = _FIRST.get(first, first)
    last = _CODES.get(first, "")
    for letter in name[1:]:
        sign = _CODES.get(letter, "")
        if sign and sign != last:
            code += sign
            if len(code) == _LONGEST:
                break
        if letter not in _SILENT:
            last = sign
    return code
