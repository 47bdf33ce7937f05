"""Engines that hold the tables: DuckDB embedded, Spark for what does not fit one machine."""

from habitue.engines.warehouse import Warehouse, WarehouseError, WarehouseFullError

__all__ = ["Warehouse", "WarehouseError", "WarehouseFullError"]
