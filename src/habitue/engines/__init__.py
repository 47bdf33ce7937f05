"""Engines that hold the tables: DuckDB embedded, Spark for what does not fit one machine.

Nothing is gathered here: whoever takes messages in loads no engine.
"""

__all__: list[str] = []
