"""The batch reading: one table expression that answers for every customer as of an instant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC

import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import Checker
from habitue.rules.cuts import CutPoints
from habitue.rules.expressions import Term, build, compare_values, literal, value_of
from habitue.rules.hashing import bucket_expression
from habitue.rules.leaves import LeafColumns, leaves_of
from habitue.rules.lowering import inline, spell_out
from habitue.rules.nodes import (
    Aggregate,
    Bucket,
    Compare,
    Comparison,
    Constant,
    Days,
    Distance,
    Exists,
    Followed,
    Name,
    Node,
    Place,
    Regularly,
    Relation,
    Sequence,
    Since,
)
from habitue.rules.parts import Part, repeated_parts
from habitue.rules.places import distance_expression, located, place_expression
from habitue.rules.relating import relation_expression, with_groups
from habitue.rules.tables import Tables
from habitue.rules.walking import walk
from habitue.rules.windows import Moment, earlier

Stage = Callable[[ir.Table], ir.Table]
_TURNED: Mapping[Comparison, Comparison] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a table of customers, and against what.

    Attributes:
        catalogue: The project's names.
        tables: Where the answers come from.
        moment: The instant asked about: events after it are not seen.
        cuts: Cut points of earlier builds, by the inlined expression they rank; those missing here are computed
            over the same customers, which gives the same places.
        stage: Keeps an intermediate table (a temporary table of the engine); the default keeps nothing.
        known: Columns of the customers that hold what a feature or segment has answered for that instant already.
    """

    catalogue: Catalogue
    tables: Tables
    moment: Moment
    cuts: Mapping[Node, CutPoints]
    stage: Stage = lambda table: table
    known: Mapping[Name, str] = field(default_factory=dict)


def answer(columns: Mapping[str, Node], question: Question) -> ir.Table:
    """One row per customer: customer_id, and a column for each settled tree.

    Features and segments that a tree names are computed once, before those that use them. True-or-false columns are
    never null; other columns are null where the value is missing.
    """
    return _Answering(question).table(columns)


class _Answering:
    """One question being answered: the stages from leaves to asked columns."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.checker = Checker(question.catalogue)
        self.definitions: dict[Name, Node] = {}
        self.columns: dict[Name, str] = dict(question.known)
        self.parts: dict[Node, Part] = {}
        self.leaves = LeafColumns(question.tables, question.catalogue, question.moment)

    def table(self, columns: Mapping[str, Node]) -> ir.Table:
        asked = {name: spell_out(node, self.question.catalogue) for name, node in columns.items()}
        for node in asked.values():
            self._find_definitions(node)
        for leaf in leaves_of([*self.definitions.values(), *asked.values()]):
            self.leaves.add(leaf)
        table = self.question.stage(self._grouped([*self.definitions.values(), *asked.values()]))
        for level in self._levels():
            table = self._with_parts([self.definitions[name] for name in level], table)
            made = {self._column(name): self._value(self.definitions[name], table) for name in level}
            table = self.question.stage(table.mutate(**made))
            self.columns.update({name: self._column(name) for name in level})
        table = self._with_parts(list(asked.values()), table)
        return table.select("customer_id", **{name: self._value(node, table) for name, node in asked.items()})

    def _grouped(self, nodes: list[Node]) -> ir.Table:
        """The joined leaves with a column for the customer's group of each relation that is asked about."""
        asked = {part.relation: None for node in nodes for part in walk(node) if isinstance(part, Relation)}
        return with_groups(self.leaves.joined(), self.question.tables.relations, asked)

    def _with_parts(self, nodes: list[Node], table: ir.Table) -> ir.Table:
        """The table with a column for each part that expressions mention more than once, innermost first."""
        for level in repeated_parts(nodes, known=self.parts):
            terms = {part: self._term(part, table) for part in level}
            for part, term in terms.items():
                self.parts[part] = Part(column=f"part_{len(self.parts)}", kind=term.kind, short=term.short)
            table = table.mutate(**{self.parts[part].column: value_of(term) for part, term in terms.items()})
        return table

    def _find_definitions(self, node: Node) -> None:
        """Collect the definitions a tree uses, those used by others first."""
        for part in walk(node):
            if isinstance(part, Name) and part.space in ("feature", "segment") and not self._is_found(part):
                catalogue = self.question.catalogue
                body = self.checker.definition(part.space, catalogue.definition(part.space, part.name)).node
                spelled = spell_out(body, catalogue)
                self._find_definitions(spelled)
                self.definitions[part] = spelled

    def _is_found(self, name: Name) -> bool:
        return name in self.definitions or name in self.question.known

    def _levels(self) -> list[list[Name]]:
        """Definitions in layers: each layer uses only those before it."""
        depth: dict[Name, int] = {}
        for name, node in self.definitions.items():
            used = [depth[part] for part in walk(node) if isinstance(part, Name) and part in depth]
            depth[name] = max(used, default=-1) + 1
        layers = max(depth.values(), default=-1) + 1
        return [[name for name, level in depth.items() if level == layer] for layer in range(layers)]

    def _column(self, name: Name) -> str:
        return f"{name.space}_{name.name}"

    def _value(self, node: Node, table: ir.Table) -> ir.Value:
        def resolve(part: Node) -> Term | None:
            return self._resolve(part, table)

        return value_of(build(node, resolve))

    def _resolve(self, node: Node, table: ir.Table) -> Term | None:
        if node in self.parts:
            part = self.parts[node]
            return Term(expression=table[part.column], kind=part.kind, short=part.short)
        match node:
            case Aggregate() | Regularly() | Sequence() | Followed():
                return self.leaves.term(node, table)
            case Name():
                return self._name(node, table)
            case Compare():
                return self._elapsed(node, table)
            case Days(duration=Since(moment=moment)):
                return self._days(self._term(moment, table))
            case Place() | Relation():
                return self._among_people(node, table)
            case Bucket():
                return Term(expression=bucket_expression(table.customer_id, node.salt), kind=Kind.INTEGER)
            case Distance():
                return Term(expression=distance_expression(node, table), kind=Kind.NUMBER)
            case Exists(operand=Name(space="trait", name=name)) if f"{name}_lat" in table.columns:
                return Term(expression=located(name, table), kind=Kind.BOOLEAN)
        return None

    def _term(self, node: Node, table: ir.Table) -> Term:
        return build(node, lambda part: self._resolve(part, table))

    def _name(self, node: Name, table: ir.Table) -> Term:
        if node.space == "trait":
            kind = self.question.catalogue.traits[node.name]
            return Term(expression=table[node.name], kind=Kind.TIME if kind is Kind.DATE else kind)
        if node in self.columns:
            return Term(expression=table[self.columns[node]], kind=self.checker.settle(node).kind)
        return self.leaves.term(node, table)

    def _elapsed(self, node: Compare, table: ir.Table) -> Term | None:
        """`since(t) > d` asks whether t lies before now - d; two elapsed times compare as their instants, turned."""
        left, right, op = node.left, node.right, node.op
        if isinstance(right, Since) and not isinstance(left, Since):
            left, right, op = right, left, _TURNED[op]
        if not isinstance(left, Since):
            return None
        moment = self._term(left.moment, table).expression
        if isinstance(right, Constant) and isinstance(right.value, int):
            other = literal(earlier(self.question.moment.now, right.value), Kind.TIME)
        elif isinstance(right, Since):
            other = self._term(right.moment, table).expression
        else:
            raise TypeError(type(right))
        return Term(expression=compare_values(_TURNED[op], moment, other), kind=Kind.BOOLEAN, condition=True)

    def _days(self, moment: Term) -> Term:
        now = self.question.moment.now.astimezone(UTC)
        seconds = int(now.timestamp() // 1) - moment.expression.truncate("s").epoch_seconds().cast("int64")
        return Term(expression=seconds.cast("float64") / 86400.0, kind=Kind.NUMBER)

    def _among_people(self, node: Place | Relation, table: ir.Table) -> Term:
        if isinstance(node, Relation):
            holds = value_of(self._term(node.condition, table))
            return Term(expression=relation_expression(node, holds, table), kind=Kind.BOOLEAN)
        inner = self._term(node.inner, table)
        cuts = self.question.cuts.get(inline(node.inner, self.question.catalogue))
        return place_expression(node, inner, cuts)


def members(rule: Node, question: Question) -> ir.Table:
    """The customers for whom a settled rule holds: one column, customer_id."""
    table = answer({"holds": rule}, question)
    return table.filter(table.holds).select("customer_id")
