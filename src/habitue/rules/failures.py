"""What can be wrong with a rule, each pointing at the column."""

from collections.abc import Iterable, Sequence

from habitue.errors import HabitueError, did_you_mean


class RuleError(HabitueError):
    """A rule cannot be read or does not fit the project.

    Attributes:
        column: 1-based column in the rule's text; 0 when it is about the whole rule.
        path: Where in the rule's JSON, `$` for the whole; empty when it was read from text.
        plain: What is wrong, without the place.
    """

    code = "RULE"

    def __init__(self, *, what: str, do: str, column: int = 0, path: str = "") -> None:
        place = f"Column {column}: " if column else f"At {path}: " if path else ""
        super().__init__(what=f"{place}{what}", do=do)
        self.column = column
        self.path = path
        self.plain = what


class RuleSyntaxError(RuleError):
    """The text is not an expression of the rule language."""

    code = "RULE-SYNTAX"


class RuleLimitError(RuleError):
    """The rule is larger or deeper than a rule may be."""

    code = "RULE-LIMIT"

    def __init__(self, *, measure: str, limit: int) -> None:
        super().__init__(
            what=f"The rule has more than {limit} {measure}.",
            do="Split it into segments or features and refer to them by name.",
        )


class RuleNameError(RuleError):
    """A rule names something that the project does not have."""

    code = "RULE-UNKNOWN-NAME"

    def __init__(self, *, noun: str, name: str, known: Iterable[str], column: int, declare: str) -> None:
        names = sorted(known)
        near = did_you_mean(name, names)
        listed = ", ".join(repr(each) for each in names[:8])
        if near is not None:
            do = f"Did you mean {near!r}?"
        elif names:
            do = f"Known: {listed}{' …' if len(names) > 8 else ''}. {declare}"
        else:
            do = declare
        super().__init__(what=f"No {noun} is called {name!r}.", do=do, column=column)
        self.name = name


class RuleTypeError(RuleError):
    """Two parts of a rule do not fit each other."""

    code = "RULE-TYPE"


class RulePersonalError(RuleError):
    """A rule asks what a personal value is, which only the vault knows."""

    code = "RULE-PERSONAL"

    def __init__(self, *, column: int) -> None:
        super().__init__(
            what="This is personal: only the vault knows what it is, and rules do not see into the vault.",
            do="Ask whether it is there with exists(…), or how many there are with distinct(…).",
            column=column,
        )


class RuleCycleError(RuleError):
    """Definitions refer to each other in a circle."""

    code = "RULE-CYCLE"

    def __init__(self, cycle: Sequence[str]) -> None:
        super().__init__(
            what=f"These definitions refer to each other in a circle: {' → '.join(cycle)}.",
            do="Take one of the references out.",
        )
        self.cycle = tuple(cycle)
