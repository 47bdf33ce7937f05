"""Data comes in: files are read by content, typed, held against contracts, and become events, customers and items.

Nothing is gathered here: whoever takes messages in loads no reader of files.
"""

__all__: list[str] = []
