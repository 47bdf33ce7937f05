"""A shop of made-up people whose identifiers nobody else has a piece of, so that each can be looked for."""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

_LETTERS: Final = "abcdefghijkmnopqrstuvwxyz23456789"
_APART: Final = 61_803_399
"""Shares no factor with a hundred million: no two people get one number."""
_FIRST_DAY: Final = datetime.fromisoformat("2026-01-01T08:00:00")
FILES: Final = {
    "habitue.yaml": "name: proof\nnoun: customer\ntime_zone: Europe/London\ncurrency: GBP\nas_of: newest_event\n",
    "policies/purposes.yaml": "purpose: marketing_email\nlabel: News by e-mail\n",
    "contracts/all.yaml": """customers: true
traits:
  email: {type: text, personal: true}
  phone: {type: text, personal: true}
  first_name: {type: text, personal: true}
  last_name: {type: text, personal: true}
  city: {type: text}
---
event: Order Completed
properties:
  order_id: {type: text}
  revenue: {type: money}
  note: {type: text, personal: true}
""",
    "sources/crm.yaml": """source: crm
files: data/crm.csv
identifiers: {user_id: customer, email: email, phone: phone, loyalty_card: card}
columns:
  id: {field: customer, required: true}
  email: {field: email}
  phone: {field: phone}
  first: {field: first_name}
  last: {field: last_name}
  city: {field: city}
  card: {field: card}
  registered: {field: registered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
makes:
  - customers: customer
    as_of: registered_at
    traits: {email: email, phone: phone, first_name: first_name, last_name: last_name, city: city}
""",
    "sources/orders.yaml": """source: orders
files: data/orders.csv
columns:
  order: {field: order_id, required: true}
  customer: {field: customer, required: true}
  at: {field: ordered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
  amount: {field: amount, type: money, required: true}
  note: {field: note}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: amount, note: note}
""",
    "sources/web.yaml": """source: web
files: data/web.csv
identifiers: {anonymous_id: visitor, email: email}
columns:
  visitor: {field: visitor, required: true}
  email: {field: email}
  at: {field: seen_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
makes:
  - event: Page Viewed
    customer: visitor
    occurred_at: seen_at
""",
    "sources/consents.yaml": """source: consents
files: data/consents.csv
columns:
  customer: {field: customer, required: true}
  purpose: {field: purpose, required: true}
  given: {field: given, type: boolean, required: true}
  at: {field: said_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
makes:
  - consents: customer
    purpose: purpose
    given: given
    occurred_at: said_at
""",
    "features/all.yaml": "feature: spent\nrule: sum('Order Completed'.revenue)\n---\n"
    "feature: place\nrule: percentile(feature.spent)\n",
    "segments/all.yaml": "segment: big\nrule: feature.place >= 0.5\n---\n"
    "segment: mailed\nrule: did('Order Completed')\npurpose: marketing_email\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One made-up person.

    Attributes:
        account: Their own id.
        visitor: The id of their browser, which said their address too; empty for three of four people.
        email: Their address.
        phone: Their number.
        first: Their first name.
        last: Their last name.
        card: Their loyalty card.
        note: What they wrote with an order.
    """

    account: str
    visitor: str
    email: str
    phone: str
    first: str
    last: str
    card: str
    note: str

    @property
    def values(self) -> tuple[str, ...]:
        """Everything that says who they are."""
        every = (self.account, self.visitor, self.email, self.phone, self.first, self.last, self.card, self.note)
        return tuple(value for value in every if value)


def make_people(count: int, seed: int) -> list[Planted]:
    """People whose identifiers are words of chance."""
    dice = random.Random(seed)

    def word(length: int) -> str:
        return "".join(dice.choices(_LETTERS, k=length))

    return [
        Planted(
            account=f"U{word(15)}",
            visitor=f"V{word(19)}" if number % 4 == 0 else "",
            email=f"{word(12).capitalize()}@{word(12)}.test",
            phone=f"+4477{(number * _APART + seed) % 10**8:08d}",
            first=word(10).capitalize(),
            last=word(12).capitalize(),
            card=f"LC-{word(14)}",
            note=f"please leave it with {word(14)}",
        )
        for number in range(count)
    ]


def write_shop(folder: Path, people: Sequence[Planted], *, broken: Iterable[int] = ()) -> Path:
    """The shop's project with its source files, not built yet.

    Args:
        folder: Where to put it.
        people: Its customers.
        broken: Places of people of whom an order and a CRM row cannot be read: they fill the failed lane.
    """
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "data").mkdir(exist_ok=True)
    wrong = set(broken)
    crm, orders, consents, web = [], [], [], []
    for number, each in enumerate(people):
        when = (_FIRST_DAY + timedelta(minutes=number % 40_000)).isoformat(sep=" ")
        told = (each.account, each.email, each.phone, each.first, each.last, "Leeds", each.card)
        crm.append((*told, when))
        orders.append((f"O{number}", each.account, when, f"{number % 97}.50", each.note))
        consents.append((each.account, "marketing_email", "true", when))
        if each.visitor:
            web.append((each.visitor, each.email, when))
        if number in wrong:
            crm.append((*told, "soon"))
            orders.append((f"O{number}-x", each.account, "tomorrow", "1.00", f"for {each.email}"))
    _write(folder / "data" / "crm.csv", "id,email,phone,first,last,city,card,registered", crm)
    _write(folder / "data" / "orders.csv", "order,customer,at,amount,note", orders)
    _write(folder / "data" / "web.csv", "visitor,email,at", web)
    _write(folder / "data" / "consents.csv", "customer,purpose,given,at", consents)
    return folder


def _write(path: Path, head: str, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)
