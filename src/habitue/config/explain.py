"""What a pydantic model refuses in a document, said as faults with the line of the offending key."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from habitue.config.text import Plain, Tree, to_json
from habitue.errors import Fault, HabitueError, did_you_mean
from habitue.records import snake_case

M = TypeVar("M", bound=BaseModel)

MAX_FAULTS = 500
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping of `key: value` lines",
    "model_type": "a mapping of `key: value` lines",
    "model_attributes_type": "a mapping of `key: value` lines",
    "dataclass_type": "a mapping of `key: value` lines",
    "none_required": "nothing",
    "datetime_type": "a time such as 2024-01-31T12:00:00Z",
    "datetime_parsing": "a time such as 2024-01-31T12:00:00Z",
    "datetime_from_date_parsing": "a time such as 2024-01-31T12:00:00Z",
    "timezone_aware": "a time with its offset such as 2024-01-31T12:00:00Z",
    "date_type": "a date such as 2024-01-31",
    "date_parsing": "a date such as 2024-01-31",
    "date_from_datetime_parsing": "a date such as 2024-01-31",
}
_CHOICES = frozenset({"literal_error", "enum"})
_TRUTH = re.compile(r"\b(?:True|False)\b(?!')")
_SEQUENCE = re.compile(r"^(?:Tuple|List|Set|Frozenset|Dictionary) should")
_NAME = r"^[a-z_][a-z0-9_]*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """One pydantic error laid over the document.

    Attributes:
        path: Keys and indices that exist in the document.
        field: The field that is missing or unknown, when it is about one.
        branches: For each part of a path at which the model offers alternatives: the alternative tried.
        wanted: What would have been right there, in words; empty when the error is not about that.
        value: What stands at `path`.
    """

    error: ErrorDetails
    path: tuple[str | int, ...]
    field: str | None
    branches: tuple[tuple[int, str], ...]
    wanted: str
    value: Plain


def validate(tree: Tree, model: type[M], file: str) -> tuple[M | None, list[Fault]]:
    """The document as a value of the model, or every fault of it.

    Args:
        tree: The document, with the lines of its parts.
        model: What it has to be.
        file: The document's path, as faults will name it.
    """
    try:
        return model.model_validate_json(to_json(tree.value)), []
    except ValidationError as refusal:
        errors = refusal.errors(include_url=False)
    laid = [_lay(error, tree.value) for error in errors]
    problems = _settle([problem for problem in laid if not _is_echo(problem)])
    faults = [_fault(problem, tree, model, file) for problem in problems[:MAX_FAULTS]]
    if len(problems) > MAX_FAULTS:
        what = f"The document has {len(problems) - MAX_FAULTS} more faults that are not listed."
        faults.append(Fault(file=file, line=tree.place.line, code="FIELD-MORE", what=what, do="Mend these first."))
    return None, sorted(faults, key=lambda fault: fault.line)


def _lay(error: ErrorDetails, data: Plain) -> _Problem:
    """Follow pydantic's location through the document; what is not in it names an alternative of a union."""
    steps = list(error["loc"])
    field = str(steps.pop()) if error["type"] == "missing" and steps else None
    path: list[str | int] = []
    branches: list[tuple[int, str]] = []
    here = data
    for step in steps:
        if isinstance(here, dict) and str(step) in here:
            path.append(str(step))
            here = here[str(step)]
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
            path.append(step)
            here = here[step]
        elif step != "[key]":
            branches.append((len(path), str(step)))
    if error["type"] == "extra_forbidden" and path:
        field = str(path[-1])
    return _Problem(
        error=error, path=tuple(path), field=field, branches=tuple(branches), wanted=_wanted(error), value=here
    )


def _is_echo(problem: _Problem) -> bool:
    """True for a list called too short only because its entries were refused."""
    enough = int(problem.error.get("ctx", {}).get("min_length", 0))
    return problem.error["type"] == "too_short" and isinstance(problem.value, list) and len(problem.value) >= enough


def _wanted(error: ErrorDetails) -> str:
    if error["type"] in _CHOICES:
        expected = str(error.get("ctx", {}).get("expected", ""))
        return _TRUTH.sub(lambda found: found[0].lower(), expected)
    return _WANTED.get(error["type"], "")


def _settle(problems: Sequence[_Problem]) -> list[_Problem]:
    """Keep, wherever alternatives were tried, only the errors of the one that was most likely meant."""
    kept = list(problems)
    forks = sorted({problem.path[:depth] for problem in kept for depth, _ in problem.branches}, key=len)
    for fork in forks:
        tried: dict[str, list[_Problem]] = {}
        for problem in kept:
            branch = _branch_at(problem, fork)
            if branch is not None:
                tried.setdefault(branch, []).append(problem)
        if len(tried) > 1:
            chosen = _likeliest(list(tried.values()), fork)
            dropped = {id(problem) for group in tried.values() for problem in group}
            at = next(i for i, problem in enumerate(kept) if id(problem) in dropped)
            rest = [problem for problem in kept if id(problem) not in dropped]
            kept = rest[:at] + chosen + rest[at:]
    return kept


def _branch_at(problem: _Problem, fork: tuple[str | int, ...]) -> str | None:
    if problem.path[: len(fork)] != fork:
        return None
    return next((name for depth, name in problem.branches if depth == len(fork)), None)


def _likeliest(groups: list[list[_Problem]], fork: tuple[str | int, ...]) -> list[_Problem]:
    """The alternative whose shape fits with the fewest errors; when no shape fits, one error naming them all."""
    fitting = [group for group in groups if not any(_is_misfit(problem, fork) for problem in group)]
    if fitting:
        return min(fitting, key=len)
    misfits = [next(problem for problem in group if _is_misfit(problem, fork)) for group in groups]
    wanted = list(dict.fromkeys(problem.wanted for problem in misfits if problem.wanted))
    return [replace(misfits[0], wanted=" or ".join(wanted))]


def _is_misfit(problem: _Problem, fork: tuple[str | int, ...]) -> bool:
    return problem.path == fork and problem.field is None and bool(problem.wanted)


def _fault(problem: _Problem, tree: Tree, model: type[BaseModel], file: str) -> Fault:
    code, what, do = _words(problem, model)
    return Fault(file=file, line=tree.place.line_at(*problem.path), code=code, what=what, do=do)


def _words(problem: _Problem, model: type[BaseModel]) -> tuple[str, str, str]:
    error, name = problem.error, _dotted(problem.path)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, HabitueError):
        return cause.code, f"{name}: {cause.what}", cause.do
    if error["type"] == "missing":
        inside = f" in {name}" if problem.path else ""
        return "FIELD-MISSING", f"{problem.field!r} is missing{inside}.", f"Add a line `{problem.field}: …`."
    if error["type"] == "extra_forbidden":
        return "FIELD-UNKNOWN", f"{name} is not a field that is known here.", _suggest_field(problem, model)
    if error["type"] in _CHOICES and problem.wanted:
        near = did_you_mean(_written(problem.value), re.findall(r"'([^']*)'", problem.wanted))
        do = f"Did you mean {near!r}?" if near else f"Write {problem.wanted}."
        return "FIELD-VALUE", f"{name} is {_shown(problem.value)}, but has to be {problem.wanted}.", do
    if problem.wanted:
        do = "Put quotes around it." if problem.wanted == "text" and _is_scalar(problem.value) else ""
        what = f"{name} is {_found(problem.value)}, but has to be {problem.wanted}."
        return "FIELD-TYPE", what, do or f"Write {problem.wanted}."
    if error["type"] == "string_pattern_mismatch" and error.get("ctx", {}).get("pattern") == _NAME:
        what = f"{name} is {_shown(problem.value)}, but a name has only small letters, digits and underscores."
        return "FIELD-VALUE", what, f"Write {snake_case(_written(problem.value)[:60])!r}."
    return "FIELD-VALUE", f"{name}: {_message(error)}", "Change the value."


def _message(error: ErrorDetails) -> str:
    """Pydantic's sentence, without its words for Python's types."""
    facts = error.get("ctx", {})
    text = str(facts["error"]) if "error" in facts else error["msg"]
    for said, plain in (("Input should", "It has to"), ("String should", "The text has to"), (" after validation", "")):
        text = text.replace(said, plain)
    text = _SEQUENCE.sub("The list has to", text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _suggest_field(problem: _Problem, model: type[BaseModel]) -> str:
    fields = _fields_at(model, tuple(problem.error["loc"][:-1]))
    near = did_you_mean(str(problem.field), fields)
    if near:
        return f"Did you mean {near!r}?"
    return f"Known here: {', '.join(sorted(fields))}." if fields else "Take it out."


def _fields_at(model: type[BaseModel], steps: Sequence[str | int]) -> set[str]:
    """The names a mapping may have at a location inside the model."""
    kinds: list[object] = [model]
    for step in steps:
        inner = [each for kind in kinds for each in _inside(kind, step)]
        if inner:
            kinds = inner
            continue
        named: list[object] = [kind for kind in kinds if isinstance(kind, type) and kind.__name__ == str(step)]
        kinds = named or kinds
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return {field.alias or name for each in models for name, field in each.model_fields.items()}


def _inside(kind: object, step: str | int) -> Iterator[object]:
    """The types a part of a value of `kind` can have."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias):
                yield from _alternatives(field.annotation)
        return
    arguments, origin = get_args(kind), get_origin(kind)
    if origin in (list, tuple, set, frozenset) and isinstance(step, int):
        for argument in arguments:
            yield from _alternatives(argument)
    elif arguments and origin is not None and not isinstance(step, int) and len(arguments) > 1:
        yield from _alternatives(arguments[-1])


def _alternatives(kind: object) -> Iterator[object]:
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for argument in get_args(kind):
            yield from _alternatives(argument)
    else:
        yield kind


def _dotted(path: Sequence[str | int]) -> str:
    """A path as people point at it: `'columns.Price.type'`, `'makes[2].when'` (the first is 1)."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return f"'{text.lstrip('.')[:120]}'" if text else "The document"


def _is_scalar(value: Plain) -> bool:
    return isinstance(value, bool | int | float)


def _shown(value: Plain) -> str:
    if isinstance(value, list | dict) or value is None:
        return _found(value)
    text = _written(value)
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def _written(value: Plain) -> str:
    """The value about as the file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _found(value: Plain) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number" if isinstance(value, float) else "a whole number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"
