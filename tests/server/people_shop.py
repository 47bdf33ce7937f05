"""A small shop whose people have names, addresses, several records, consents, visits and rows that failed."""

import random
from collections.abc import Iterable
from pathlib import Path

from tests.projects import corner_shop, put
from tests.terminal import answer

PEOPLE = 24
CONTRACT = """customers: true
traits:
  email: {type: text, personal: true}
  first_name: {type: text, personal: true}
  city: {type: text}
---
event: Order Completed
properties:
  order_id: {type: text, required: true}
  revenue: {type: money, min: 0}
  note: {type: text, personal: true}
---
event: Page Viewed
properties:
  page: {type: text}
"""
CRM = """source: crm
files: crm.csv
identifiers: {user_id: customer, email: email}
columns:
  customer: {field: customer, type: text, required: true}
  email: {field: email, type: text}
  first: {field: first, type: text}
  city: {field: city, type: text}
makes:
  - customers: customer
    traits: {email: email, first_name: first, city: city}
"""
ORDERS = """source: orders
files: orders.csv
columns:
  order: {field: order_id, type: text, required: true}
  customer: {field: customer, type: text, required: true}
  at: {field: ordered_at, type: time, required: true}
  amount: {field: amount, type: money, required: true}
  note: {field: note, type: text}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: amount, note: note}
"""
VIEWS = """source: views
files: views.csv
columns:
  customer: {field: customer, type: text, required: true}
  at: {field: seen_at, type: time, required: true}
  page: {field: page, type: text}
makes:
  - event: Page Viewed
    customer: customer
    occurred_at: seen_at
    properties: {page: page}
"""
SAID = """source: said
files: said.csv
columns:
  customer: {field: customer, type: text, required: true}
  purpose: {field: purpose, type: text}
  said: {field: said, type: text}
  at: {field: said_at, type: time}
makes:
  - consents: customer
    purpose: purpose
    state: said
    occurred_at: said_at
"""
POLICIES = """purpose: news
label: News by e-mail
marketing: true
---
purpose: delivery
basis: contract
---
retention: orders
keep: 3650d
events: [Order Completed]
"""
IDENTITY = "identity: people\nnamespaces: {user_id: {limit: 10}}\n"
SEGMENTS = """segment: to_write_to
purpose: news
rule: did('Order Completed')
---
segment: leeds
rule: trait.city == 'Leeds'
"""
CITIES = ("Leeds", "York", "Hull")
BAD_ORDER = "X9,p003,2026-02-02 09:00:00,-5,leave at the Quillfeather gate"
"""An order that its contract refuses, with something personal in it."""


def clear_values() -> set[str]:
    """Everything that stands in the files in the clear about anybody."""
    return {f"name{number:02}zz" for number in range(PEOPLE)} | {
        f"mail{number:02}@quill.example" for number in range(PEOPLE)
    }


def people_shop(folder: Path) -> Path:
    """The shop, not built yet."""
    corner_shop(folder)
    dice = random.Random(7)
    _rows(folder / "crm.csv", "customer,email,first,city", (_person(number) for number in range(PEOPLE)))
    orders = [
        f"O{number:03},p{who:03},2026-0{month}-{day:02} 1{number % 10}:00:00,{10 + number}.50,by name{who:02}zz"
        for number, (who, month, day) in enumerate(
            (dice.randrange(PEOPLE), dice.randint(1, 3), dice.randint(1, 28)) for _ in range(60)
        )
    ]
    _rows(folder / "orders.csv", "order,customer,at,amount,note", [*orders, BAD_ORDER])
    views = [
        f"p{number % PEOPLE:03},2026-03-{1 + number % 20:02} 09:{number % 60:02}:00,/p{number % 5}"
        for number in range(90)
    ]
    _rows(folder / "views.csv", "customer,at,page", views)
    said = [
        f"p{number:03},news,{'given' if number % 3 else 'withdrawn'},2026-01-0{1 + number % 5} 08:00:00"
        for number in range(18)
    ]
    _rows(folder / "said.csv", "customer,purpose,said,at", said)
    files = {"crm": CRM, "orders": ORDERS, "views": VIEWS, "said": SAID}
    for name, text in files.items():
        put(folder / "sources" / f"{name}.yaml", text)
    put(folder / "contracts" / "all.yaml", CONTRACT)
    put(folder / "policies" / "all.yaml", POLICIES)
    put(folder / "identity" / "people.yaml", IDENTITY)
    put(folder / "segments" / "more.yaml", SEGMENTS)
    return folder


def built_people_shop(folder: Path) -> Path:
    """The same, built."""
    answer("build", "--project", people_shop(folder))
    return folder


def _person(number: int) -> str:
    # The last two rows are one person in two records: they share an address.
    mail = min(number, PEOPLE - 2)
    return f"p{number:03},mail{mail:02}@quill.example,name{number:02}zz,{CITIES[number % 3]}"


def _rows(path: Path, head: str, rows: Iterable[str]) -> None:
    put(path, "\n".join([head, *rows]) + "\n")
