"""How returns and cancellations are told."""

import pytest

from habitue.rules import read_row
from habitue.sources.guess import plan_project
from habitue.sources.guess_returns import read_outcome
from tests.sources.guessing import guess, table


def outcome(text: str) -> tuple[str, str, str]:
    """What was bought, sent back and called off, as row conditions."""
    (plan,) = plan_project(guess(table("orders.csv", text)))
    found = read_outcome(plan)
    return found.bought, found.marks.refund, found.marks.cancel


def lines(prefix: str, sign: str) -> str:
    plain = "\n".join(f"{5000 + n},c{n % 4},2024-01-{n % 27 + 1:02d},x{n % 3},2,1.50" for n in range(30))
    back = "\n".join(f"{prefix}{9000 + n},c{n % 4},2024-02-{n % 27 + 1:02d},x{n % 3},{sign}1,1.50" for n in range(5))
    return f"order_id,customer_id,date,sku,quantity,price\n{plain}\n{plain.replace(',x', ',y')}\n{back}\n{back}"


@pytest.mark.parametrize("prefix", ["C", "R-", "RET"])
def test_letters_before_orders_with_negative_figures_are_returns(prefix: str) -> None:
    letters = prefix.rstrip("-")
    bought, refund, _ = outcome(lines(prefix, "-"))
    assert refund == f"startswith(order_id, '{letters}')"
    assert bought == f"not startswith(order_id, '{letters}') and quantity > 0 and price > 0"


def test_letters_before_orders_that_are_not_negative_mean_nothing() -> None:
    assert outcome(lines("W", ""))[:2] == ("quantity > 0 and price > 0", "")


def test_a_flag_says_what_was_called_off() -> None:
    text = (
        "order_id,customer_id,date,total,is_canceled\n1,a,2024-01-01,9.5,0\n2,a,2024-01-02,5.5,1\n3,b,2024-01-03,1.5,0"
    )
    assert outcome(text) == ("not is_canceled == 1 and amount >= 0", "", "is_canceled == 1")


def test_carts_and_drafts_are_no_orders() -> None:
    text = (
        "order_id,customer_id,date,total,status\n1,a,2024-01-01,9.5,draft\n2,a,2024-01-02,5,paid\n3,b,2024-01-03,1,paid"
    )
    assert outcome(text)[0] == "not status == 'draft' and amount >= 0"


def test_negative_amounts_are_returns() -> None:
    text = "order_id,customer_id,date,total\n1,a,2024-01-01,9.5\n2,a,2024-01-02,-5.5\n3,b,2024-01-03,1.5"
    assert outcome(text) == ("amount >= 0", "amount < 0", "")


@pytest.mark.parametrize("status", ["it's canceled", 'say "returned"', "canceled\\"])
def test_any_status_is_written_so_that_it_reads_back(status: str) -> None:
    cell = '"' + status.replace('"', '""') + '"'
    text = (
        f"order_id,customer_id,date,total,status\n1,a,2024-01-01,9.5,{cell}\n2,a,2024-01-02,5,ok\n3,b,2024-01-03,1,ok"
    )
    for condition in outcome(text):
        if condition:
            read_row(condition)
