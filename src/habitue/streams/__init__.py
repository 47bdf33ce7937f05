"""The durable log of what arrives live, and the reading of what senders put into it."""

__all__: list[str] = []
