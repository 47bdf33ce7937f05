"""What owners and readers of one warehouse are promised when they leave it at the same moment."""

import threading
from pathlib import Path

from habitue.engines.warehouse import Warehouse


def test_a_warehouse_closes_while_a_reader_leaves_it(tmp_path: Path) -> None:
    warehouse = Warehouse.open(tmp_path / "w.duckdb", spill=tmp_path / "spill")
    second = warehouse.beside()
    begun, may_end = threading.Event(), threading.Event()

    def read() -> None:
        with second.in_use():
            second.con.close()
            begun.set()
            may_end.wait(10)

    reader = threading.Thread(target=read)
    reader.start()
    begun.wait(10)
    closing = threading.Thread(target=warehouse.close)
    closing.start()
    closing.join(0.5)
    assert closing.is_alive(), "it waits for who reads, and says nothing of a connection that is gone"
    may_end.set()
    closing.join(10)
    reader.join(10)
    assert not closing.is_alive()
    assert not warehouse.is_open
    # The file can be opened by somebody else.
    Warehouse.open(tmp_path / "w.duckdb", spill=tmp_path / "spill").close()
