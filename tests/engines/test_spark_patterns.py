"""That a pattern means in Java what it means in RE2, or is refused."""

import pytest
import re2

from habitue.engines.spark_patterns import SparkPatternError, java_pattern

ALIKE = (
    "a.c", "^a$", r"\d+", r"\w+$", r"\s", r"\S", "[[:alpha:]]+", "(?i)ABC", "(?i)É", "a{2,3}", r"\bfoo\b", r"\Bo",
    "(?P<x>a)b", "a|b", "[^a]", r"\Aab\z", r"a\Q.*\Eb", "(?s).", "(?m)^b$", "(?im)^B$", "(?U)a+", "[a&&b]", "[]a]",
    "[^]a]", r"[\s]x?", "[[a]", "[(){}|^$]", "a{", "}", r"[\]\-x]", r"\.", "é", "", "a??", "(?:ab)*c", "[(?:]",
)  # fmt: skip
REFUSED = (r"\pL", r"\p{Greek}", r"\x{41}", r"\C", "(?i:a)", r"[\S]", r"[\b]", "[[:ascii:]]", r"\123")
TEXTS = (
    "abc", "a\nc", "a\rc", "a\u2028c", "a", "a\n", "12", "\u0661\u0662", "word", "w\u00f6rd", " ", "\x0b", "\u00a0",
    "ABC", "abC", "aaa", "aaaa", "foo bar", "foo", "\u00f6foo", "A", "ab", "b", "a.*b", "ab\n", "a\nb", "é", "É", "&",
    ".", "", "x", "]", "[", "{", "}", "a{", "(", "^", "$", "-", "\\", "?", ":",
)  # fmt: skip


@pytest.mark.parametrize("pattern", ALIKE)
def test_a_pattern_of_both_languages_is_translated(pattern: str) -> None:
    assert re2.compile(pattern)
    assert java_pattern(pattern).startswith("(?d)")


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_java_reads_otherwise_is_refused(pattern: str) -> None:
    with pytest.raises(SparkPatternError):
        java_pattern(pattern)
