"""The shape of every tree object: one row for each term of the language, shared by reading, writing and the schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from habitue.records.durations import format_duration
from habitue.rules import terms
from habitue.rules.nodes import (
    EVER,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Compare,
    Constant,
    Days,
    Default,
    Distance,
    Exists,
    Followed,
    IsIn,
    Lower,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Place,
    Property,
    Regularly,
    Relation,
    Sequence,
    Since,
    Stopped,
    TextTest,
    When,
    Window,
)
from habitue.rules.tree_fields import (
    CONSTANT_KINDS,
    DECIMAL_SCHEMA,
    DURATION_SCHEMA,
    MOST_OPTIONS,
    WINDOW_SCHEMA,
    Field,
    Json,
    JsonObject,
    Reading,
    Spot,
    as_number,
    read_decimal,
    read_duration,
    read_identifier,
    read_text,
    read_window,
    shown,
    trait_name,
    write_window,
)
from habitue.rules.writing import write_number

NODE: Final[JsonObject] = {"$ref": "#/$defs/node"}
CONDITION: Final[JsonObject] = {"$ref": "#/$defs/condition"}
CONSTANT: Final[JsonObject] = {"$ref": "#/$defs/constant"}
_OVER_EVENT: Final = ("did", "count", "first_at", "last_at")
_OVER_PROPERTY: Final = ("sum", "avg", "min", "max", "distinct", "mode", "first", "latest")
_RELATED: Final = ("any", "all", "none")
_TEXT_TESTS: Final = ("contains", "startswith", "endswith", "matches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one term of the language stands in JSON.

    Attributes:
        term: The value of `"term"`.
        node: The class of its nodes.
        fields: Its members besides `"term"`.
        fixed: Attributes that the term itself settles.
        in_rule: Whether it may stand outside of conditions on one event.
        in_row: Whether it may stand inside them.
    """

    term: str
    node: Callable[..., Node]
    fields: tuple[Field, ...]
    fixed: Mapping[str, object]
    in_rule: bool = True
    in_row: bool = False


def _plain(key: str, read: Callable[[object, Spot], object], schema: JsonObject, *, absent: object = ...) -> Field:
    def write(_reading: Reading, value: object) -> Json:
        return value if isinstance(value, bool | int | str) else None

    return Field(
        key=key,
        attribute=key,
        read=lambda _reading, value, spot: read(value, spot),
        write=write,
        schema=schema,
        absent=absent,
    )


def _node(key: str, attribute: str = "") -> Field:
    return Field(
        key=key,
        attribute=attribute or key,
        read=lambda reading, value, spot: reading.node(value, spot),
        write=lambda reading, value: reading.json(value) if isinstance(value, Node) else None,
        schema=NODE,
    )


def _read_where(reading: Reading, value: object, spot: Spot) -> Node:
    return reading.node(value, Spot(path=spot.path, depth=spot.depth, in_row=True))


def _read_parts(reading: Reading, value: object, spot: Spot) -> tuple[Node, ...]:
    if not isinstance(value, list) or len(value) < 2:
        raise spot.fail("a list of two or more parts belongs here.", "Give at least two, or the one part alone.")
    return tuple(reading.node(each, spot.at(f"[{index}]")) for index, each in enumerate(value))


def _read_constant(reading: Reading, value: object, spot: Spot) -> Constant:
    node = reading.node(value, spot)
    if not isinstance(node, Constant):
        raise spot.fail("a constant belongs here.", 'Give {"term": "constant", "kind": …, "value": …}.')
    return node


def _read_options(reading: Reading, value: object, spot: Spot) -> tuple[Constant, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_OPTIONS:
        raise spot.fail(f"a list of 1 to {MOST_OPTIONS} constants belongs here.", "Give at least one.")
    return tuple(_read_constant(reading, each, spot.at(f"[{index}]")) for index, each in enumerate(value))


def _write_nodes(reading: Reading, value: object) -> Json:
    return [reading.json(each) for each in value if isinstance(each, Node)] if isinstance(value, tuple) else None


def _read_steps(value: object, spot: Spot) -> tuple[str, ...]:
    if not isinstance(value, list) or not 2 <= len(value) <= terms.MOST_STEPS:
        raise spot.fail(f"a list of 2 to {terms.MOST_STEPS} events belongs here.", "Name the events in order.")
    return tuple(read_text(each, spot.at(f"[{index}]")) for index, each in enumerate(value))


def _whole(key: str, fewest: int, most: int) -> Field:
    def read(value: object, spot: Spot) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not fewest <= value <= most:
            raise spot.fail(f"a whole number from {fewest} to {most} belongs here.", "Mend it.")
        return value

    return _plain(key, read, {"type": "integer", "minimum": fewest, "maximum": most})


def _degrees(key: str, most: int) -> Field:
    def read(_reading: Reading, value: object, spot: Spot) -> Decimal:
        degrees = as_number(read_decimal(value, spot))
        if abs(degrees) > most:
            raise spot.fail(f"degrees from -{most} to {most} belong here.", "Write one such as '52.5'.")
        return degrees

    return Field(
        key=key,
        attribute=key,
        read=read,
        write=lambda _reading, value: write_number(value, decimal=True) if isinstance(value, Decimal) else None,
        schema=DECIMAL_SCHEMA,
    )


def _duration(key: str) -> Field:
    return Field(
        key=key,
        attribute=key,
        read=lambda _reading, value, spot: read_duration(value, spot),
        write=lambda _reading, value: format_duration(value) if isinstance(value, int) else None,
        schema=DURATION_SCHEMA,
    )


def _read_kind(value: object, spot: Spot) -> str:
    if not isinstance(value, str) or value not in CONSTANT_KINDS:
        raise spot.fail(f"{shown(value)} is no kind of constant.", f"Give one of {', '.join(CONSTANT_KINDS)}.")
    return value


def _read_any(value: object, _spot: Spot) -> object:
    return value


def _choice(key: str, *options: str) -> Field:
    def read(value: object, spot: Spot) -> str:
        if not isinstance(value, str) or value not in options:
            raise spot.fail(f"{shown(value)} is not one of {', '.join(options)}.", "Give one of them.")
        return value

    return _plain(key, read, {"enum": list(options)}, absent="")


_TEXT: Final[JsonObject] = {"type": "string", "maxLength": terms.LONGEST_TEXT}
_WHERE = Field(
    key="where",
    attribute="where",
    read=_read_where,
    write=lambda reading, value: reading.json(value) if isinstance(value, Node) else None,
    schema=CONDITION,
    absent=None,
)
_WINDOW = Field(
    key="window",
    attribute="window",
    read=lambda _reading, value, spot: read_window(value, spot),
    write=lambda _reading, value: write_window(value) if isinstance(value, Window) else None,
    schema=WINDOW_SCHEMA,
    absent=EVER,
)
_PARTS = Field(
    key="parts",
    attribute="parts",
    read=_read_parts,
    write=_write_nodes,
    schema={"type": "array", "items": NODE, "minItems": 2},
)
_OPTIONS = Field(
    key="options",
    attribute="options",
    read=_read_options,
    write=_write_nodes,
    schema={"type": "array", "items": CONSTANT, "minItems": 1, "maxItems": MOST_OPTIONS},
)
_FALLBACK = Field(
    key="fallback",
    attribute="fallback",
    read=_read_constant,
    write=lambda reading, value: reading.json(value) if isinstance(value, Node) else None,
    schema=CONSTANT,
)
_STEPS = Field(
    key="events",
    attribute="events",
    read=lambda _reading, value, spot: _read_steps(value, spot),
    write=lambda _reading, value: list(value) if isinstance(value, tuple) else None,
    schema={"type": "array", "items": _TEXT, "minItems": 2, "maxItems": terms.MOST_STEPS},
)
_TRAIT = Field(
    key="trait",
    attribute="place",
    read=lambda _reading, value, spot: Name(space="trait", name=read_identifier(value, spot)),
    write=lambda _reading, value: trait_name(value),
    schema=_TEXT,
)
_EVENT = _plain("event", read_text, _TEXT)
_PROPERTY = _plain("property", read_identifier, _TEXT)
_NAME = _plain("name", read_identifier, _TEXT)
_VALUE = _node("value", "operand")
_BOTH = (_node("left"), _node("right"))


def _shape(term: str, node: Callable[..., Node], *fields: Field, **fixed: object) -> Shape:
    return Shape(term=term, node=node, fields=fields, fixed=fixed)


def _anywhere(term: str, node: Callable[..., Node], *fields: Field, **fixed: object) -> Shape:
    return Shape(term=term, node=node, fields=fields, fixed=fixed, in_row=True)


_ROWS: Final = (
    _anywhere("constant", Constant, _plain("kind", _read_kind, {"enum": list(CONSTANT_KINDS)}),
              _plain("value", _read_any, {"type": ["boolean", "number", "string"]})),
    Shape(term="property", node=Property, fields=(_NAME,), fixed={}, in_rule=False, in_row=True),
    *(_shape(space, Name, _NAME, space=space) for space in terms.NAMESPACES if space != "score"),
    _shape("score", Name, _NAME, _choice("part", *terms.SCORE_PARTS), space="score"),
    *(_shape(kind, Aggregate, _EVENT, _WHERE, _WINDOW, kind=kind) for kind in _OVER_EVENT),
    *(_shape(kind, Aggregate, _EVENT, _PROPERTY, _WHERE, _WINDOW, kind=kind)
      for kind in _OVER_PROPERTY),
    _shape("sequence", Sequence, _STEPS, _duration("within"), _WHERE, _WINDOW),
    *(_shape(term, Followed, _EVENT, _plain("by", read_text, _TEXT), _duration("within"),
             _plain("on", read_text, _TEXT, absent=""), _WHERE, _WINDOW, negated=negated)
      for term, negated in (("followed", False), ("unfollowed", True))),
    _shape("stopped", Stopped, _EVENT, _duration("after"), _WHERE),
    _shape("regularly", Regularly, _EVENT, _duration("every"), _whole("periods", 1, terms.MOST_PERIODS),
           _whole("of", 1, terms.MOST_PERIODS), _WHERE),
    _shape("change", Change, _node("value", "inner"), _duration("last")),
    _shape("since", Since, _node("value", "moment")),
    _shape("days", Days, _node("value", "duration")),
    _shape("percentile", Place, _node("value", "inner"), kind="percentile"),
    _shape("tile", Place, _node("value", "inner"), _whole("n", 2, terms.MOST_TILES), kind="tile"),
    _shape("top", Place, _node("value", "inner"), _whole("n", 1, 10**9), kind="top"),
    *(_shape(kind, Relation, _plain("relation", read_identifier, _TEXT), _node("condition"), kind=kind)
      for kind in _RELATED),
    _shape("bucket", Bucket, _plain("salt", read_text, _TEXT)),
    _shape("distance_km", Distance, _TRAIT, _degrees("latitude", 90), _degrees("longitude", 180)),
    *(_anywhere(kind, TextTest, _VALUE, _plain("argument", read_text, _TEXT), kind=kind) for kind in _TEXT_TESTS),
    _anywhere("lower", Lower, _VALUE),
    _anywhere("exists", Exists, _VALUE),
    _anywhere("default", Default, _VALUE, _FALLBACK),
    _anywhere("when", When, _node("condition"), _node("value")),
    *(_anywhere(op, Compare, *_BOTH, op=op) for op in ("==", "!=", "<", "<=", ">", ">=")),
    _anywhere("in", IsIn, _VALUE, _OPTIONS, negated=False),
    _anywhere("not in", IsIn, _VALUE, _OPTIONS, negated=True),
    *(_anywhere(op, Arithmetic, *_BOTH, op=op) for op in ("+", "-", "*", "/")),
    _anywhere("negative", Negative, _VALUE),
    _anywhere("not", Not, _VALUE),
    _anywhere("and", And, _PARTS),
    _anywhere("or", Or, _PARTS),
)  # fmt: skip
SHAPES: Final[Mapping[str, Shape]] = {each.term: each for each in _ROWS}


def term_of(node: Node) -> str:
    """The word of the language for a node: what stands under `"term"`.

    Examples:
        >>> term_of(Bucket(salt="a")), term_of(Followed(event="A", by="B", within=1, negated=True))
        ('bucket', 'unfollowed')
    """
    match node:
        case Aggregate(kind=term) | Place(kind=term) | Relation(kind=term) | TextTest(kind=term) | Name(space=term):
            return term
        case Compare(op=term) | Arithmetic(op=term):
            return term
        case Followed(negated=negated):
            return "unfollowed" if negated else "followed"
        case IsIn(negated=negated):
            return "not in" if negated else "in"
        case Distance():
            return "distance_km"
        case _:
            return type(node).__name__.lower()
