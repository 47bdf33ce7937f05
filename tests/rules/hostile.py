"""What an enemy, or a tired person, might give as a rule: texts and JSON trees, drawn from a seed."""

import copy
import math
import random
from collections.abc import Iterator
from typing import Final

from habitue.rules.reading import read
from habitue.rules.tree import Json, to_json
from tests.rules.examples import EXAMPLES
from tests.rules.test_batch_statements import RULES

VALID: Final = (*(each.rule for each in EXAMPLES), *RULES.values())
TEXTS: Final = (
    "'; DROP TABLE customers; --",
    "' OR '1'='1",
    '" OR ""="',
    "\\'; SELECT 1; --",
    "'; ATTACH '/etc/passwd' AS x; --",
    "$$; COPY customers TO '/tmp/x'; $$",
    "a' || (SELECT customer_id FROM customers) || 'b",
    "/* */",
    "--",
    "#",
    "%s %d %n",
    "{0.__class__}",
    "{{7*7}}",
    "${7*7}",
    "`id`",
    "'",
    "''",
    "'''",
    '"',
    '""',
    "\\",
    "\\\\",
    "\\'",
    '\\"',
    "\\x27",
    "\\u0027",
    "\u2019",
    "\uff07",
    "\u02bc",
    "\u037e",
    "\u202e drop",
    "\ufeff",
    "\u2028",
    "\r\n",
    "\t",
    "a\u0301",
    "\U0001f600",
    "e\u0301\u0302",
    "customers",
    "event_order_completed",
    "customer_id",
    "NULL",
    "TRUE",
    "1; 2",
    ":name",
    "?",
    "$1",
    "@x",
    "[0]",
    "E'\\n'",
    "x'41'",
    "U&'\\0041'",
    "read_csv('/etc/passwd')",
    "getenv('HOME')",
    "PRAGMA database_list",
    "a" * 3000,
    "%",
    "_",
    "",
    " ",
    "0",
    "1e999",
    "-0",
    "infinity",
    "nan",
    "2026-13-45",
    "9999999999d",
    "\u0130\u03a3",
    "\u00df",
    "\ufb01",
)
WALKS: Final = (
    "().__class__",
    "''.__class__.__mro__[1].__subclasses__()",
    "trait.__class__",
    "trait.country.__init__.__globals__",
    "__import__('os').system('id')",
    "eval('1')",
    "exec('1')",
    "compile('1','','eval')",
    "open('/etc/passwd').read()",
    "globals()",
    "lambda: 1",
    "(lambda x: x)(1)",
    "[x for x in (1,2)]",
    "{x: 1}",
    "{1, 2}",
    "f'{trait.country}'",
    "(x := 1)",
    "*trait",
    "**trait",
    "trait[0]",
    "trait['country']",
    "1 if True else 2",
    "await x",
    "yield x",
    "not",
    "did.__call__('A')",
    "did('Order Completed').x",
    "did(*['Order Completed'])",
    "did(**{'last': '7d'})",
    "print(1)",
    "b'x'",
    "1j",
    "0x10",
    "0o7",
    "0b1",
    "1_000",
    "1e400",
    "-1e400",
    "1" * 400,
    "9" * 17,
    "1.0e-400",
    "True",
    "None",
    "...",
    "NotImplemented",
    "trait.a.b.c.d",
    "score.churn.x",
    "segment",
    "feature.",
    ".5",
    "5.",
    "''''",
    "'a' 'b'",
    "u'x'",
    "r'\\x'",
    "@",
    "a @ b",
    "2 ** 99",
    "5 // 2",
    "5 % 2",
    "1 << 2",
    "~1",
    "+1",
    "a is b",
    "a is not None",
)
WORDS: Final = (
    *(
        "and",
        "or",
        "not",
        "in",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        "=",
    ),
    *("did", "count", "sum", "avg", "min", "max", "first", "latest", "sequence", "followed", "unfollowed", "stopped"),
    *("regularly", "change", "percentile", "top", "tile", "bucket", "since", "days", "contains", "matches", "lower"),
    *("exists", "default", "when", "distance_km", "trait", "feature", "score", "segment", "cluster", "consent"),
    *("country", "age", "credit", "churn", "decile", "loyal", "'Order Completed'", "'Product Viewed'", "revenue"),
    *("where", "last", "between", "within", "by", "on", "every", "periods", "of", "after", "'7d'", "'24h'", "True"),
    *("0", "1", "2.5", "-1", "'a'", ":", ";", "#", "\n", "\\", "if", "else", "lambda", "is", "\u00a0", "\u200b"),
)
LOOKALIKES: Final = dict(zip("aeocid'(=", "\u0430\u0435\u043e\u0441\u0456\u0501\u2019\uff08\uff1d", strict=True))


def texts(count: int, seed: int) -> Iterator[str]:
    """Hostile rule texts."""
    dice = random.Random(seed)
    ways = (_mutated, _mutated, _mutated, _spliced, _soup, _noise, _with_text, _nested, _lookalike, _walked)
    for _ in range(count):
        yield dice.choice(ways)(dice)


def _valid(dice: random.Random) -> str:
    return dice.choice(VALID)


def _mutated(dice: random.Random) -> str:
    text = _valid(dice)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        way = dice.randrange(4)
        if way == 0:
            text = text[:at] + text[at + dice.randint(1, 6) :]
        elif way == 1:
            text = text[:at] + dice.choice(WORDS) + text[at:]
        elif way == 2:
            text = text[:at] + chr(dice.choice((dice.randrange(128), dice.randrange(0xD800)))) + text[at + 1 :]
        else:
            text = text.replace(*dice.choice((("'", '"'), ("==", "="), (",", ""), (" ", "\n"), ("7", "7" * 40))))
    return text


def _spliced(dice: random.Random) -> str:
    left, right = _valid(dice), _valid(dice)
    return left[: dice.randrange(len(left) + 1)] + right[dice.randrange(len(right) + 1) :]


def _soup(dice: random.Random) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(dice.randint(1, 25)))


def _noise(dice: random.Random) -> str:
    most = dice.choice((0x80, 0x500, 0xFFFF, 0x10FFFF))
    return "".join(chr(dice.randrange(most)) for _ in range(dice.randint(0, 60)))


def _with_text(dice: random.Random) -> str:
    hostile = dice.choice(TEXTS)
    written = dice.choice((repr(hostile), f"'{hostile}'", f'"{hostile}"', hostile))
    return dice.choice(
        ("trait.country == {}", "contains(trait.country, {})", "did({})", "bucket({}) < 5", "{}")
    ).format(written.replace("{", "{{").replace("}", "}}") if dice.random() < 0.1 else written)


def _nested(dice: random.Random) -> str:
    depth = dice.choice((1, 5, 20, 49, 50, 51, 60, 500, 4000))
    left, right = dice.choice(
        (("(", ")"), ("not ", ""), ("-", ""), ("lower(", ")"), ("[", "]"), ("1 + (", ")"), ("", " and 1"))
    )
    return left * depth + _valid(dice) + right * depth


def _lookalike(dice: random.Random) -> str:
    text = _valid(dice)
    letter, other = dice.choice(list(LOOKALIKES.items()))
    return text.replace(letter, other, dice.randint(1, 5))


def _walked(dice: random.Random) -> str:
    walk = dice.choice(WALKS)
    return dice.choice((walk, f"{walk} == 1", f"did('Order Completed', where={walk})", f"{_valid(dice)} and {walk}"))


# --- JSON -------------------------------------------------------------------------------------------------------------


def trees(count: int, seed: int) -> Iterator[Json]:
    """Hostile JSON trees."""
    dice = random.Random(seed)
    valid = [to_json(read(text)) for text in VALID]
    for _ in range(count):
        tree: Json = copy.deepcopy(dice.choice(valid))
        for _ in range(dice.randint(1, 3)):
            tree = _changed(dice, tree, valid)
        yield tree


def _changed(dice: random.Random, tree: Json, valid: list[dict[str, Json]]) -> Json:
    """The tree with one place changed, anywhere in it."""
    if isinstance(tree, dict) and tree and dice.random() < 0.8:
        key = dice.choice(list(tree))
        way = dice.randrange(8)
        if way == 0:
            tree[dice.choice(("term", "where", "window", "__class__", "x", *TEXTS[:3]))] = _junk(dice, valid)
        elif way == 1:
            del tree[key]
        else:
            tree[key] = _changed(dice, tree[key], valid)
        return tree
    if isinstance(tree, list) and tree and dice.random() < 0.8:
        at = dice.randrange(len(tree))
        tree[at] = _changed(dice, tree[at], valid)
        return tree
    return _junk(dice, valid)


def _junk(dice: random.Random, valid: list[dict[str, Json]]) -> Json:
    plain: tuple[Json, ...] = (None, True, False, 0, 1, -1, 3, 10**18, 10**400, 1e308, math.inf, math.nan, "", "7d")
    words: tuple[Json, ...] = (*TEXTS, *WORDS, "did", "count", "top", "and", "sequence", "Order Completed")
    grown: tuple[Json, ...] = ([], {}, [[[[]]]], {"term": "constant", "value": dice.choice(TEXTS)}, dice.choice(valid))
    return copy.deepcopy(dice.choice(dice.choice((plain, words, words, grown))))
