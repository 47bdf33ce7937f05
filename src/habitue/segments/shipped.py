"""The definitions that come with the product: RFM and lifecycle, in the same language as everybody's own.

They are copied into a project as files, so that people can read and change them.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.resources import files

from habitue.records import Kind
from habitue.rules import Catalogue

ORDERS, REVENUE = "Order Completed", "revenue"
_NAME = re.compile(r"^(feature|segment): ([a-z_][a-z0-9_]*)$", re.MULTILINE)
_BREAK = "---\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedFile:
    """A file of definitions, ready to be written into a project.

    Attributes:
        path: Relative to the project folder, with forward slashes.
        text: YAML.
    """

    path: str
    text: str


def shipped_files(catalogue: Catalogue) -> tuple[ShippedFile, ...]:
    """The shipped definitions that fit a project and that it does not have already, by name.

    They fit where there are orders with a revenue: 'Order Completed'.revenue.
    """
    orders = catalogue.events.get(ORDERS)
    if orders is None or not (orders.kind_of(REVENUE) or Kind.TEXT).is_numeric:
        return ()
    return tuple(_missing("features", catalogue.features)) + tuple(_missing("segments", catalogue.segments))


def _missing(kind: str, there: Collection[str]) -> Iterator[ShippedFile]:
    shelf = files("habitue").joinpath("templates", "shipped", kind)
    for file in sorted(shelf.iterdir(), key=lambda entry: entry.name):
        head, *documents = file.read_text(encoding="utf-8").split(_BREAK)
        kept = [document for document in documents if _name(document) not in there]
        if kept:
            yield ShippedFile(path=f"{kind}/{file.name}", text=_BREAK.join([head, *kept]))


def _name(document: str) -> str:
    found = _NAME.search(document)
    return found[2] if found else ""
