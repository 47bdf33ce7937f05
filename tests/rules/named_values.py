"""The named values of the example catalogue that drawn rules may stand on."""

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.nodes import Name, Node


def names_of(catalogue: Catalogue, kind: Kind) -> list[Node]:
    """Traits, features, scores and the like whose values are of a kind."""
    traits: list[Node] = [Name(space="trait", name=each) for each, of in catalogue.traits.items() if of is kind]
    features = {
        "orders_30d": Kind.INTEGER,
        "spend_30d": Kind.MONEY,
        "mean_items": Kind.NUMBER,
        "favourite": Kind.TEXT,
        "last_order_at": Kind.TIME,
        "is_active": Kind.BOOLEAN,
    }
    traits += [Name(space="feature", name=name) for name, of in features.items() if of is kind]
    match kind:
        case Kind.TEXT:
            traits += [Name(space="cluster", name=each) for each in sorted(catalogue.clusters)]
        case Kind.INTEGER:
            traits += [Name(space="score", name=each, part="decile") for each in sorted(catalogue.scores)]
        case Kind.NUMBER:
            parts = ("", "low", "high")
            traits += [Name(space="score", name=each, part=part) for each in sorted(catalogue.scores) for part in parts]
        case Kind.BOOLEAN:
            traits += [Name(space="segment", name=each) for each in sorted(catalogue.segments)]
            traits += [Name(space="consent", name=each) for each in sorted(catalogue.purposes)]
        case Kind.TIME:
            traits += [Name(space="trait", name=each) for each, of in catalogue.traits.items() if of is Kind.DATE]
    return traits
