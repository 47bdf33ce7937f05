"""The outermost loops of the server: what goes wrong in one turn is kept, and the next begins."""

from types import TracebackType
from typing import Self


class Guard:
    """Keeps what goes wrong in a block, whatever error it is, and goes on after it.

    Attributes:
        error: What went wrong; None where nothing did.

    Examples:
        >>> with Guard() as guard:
        ...     _ = 1 / 0
        >>> type(guard.error).__name__
        'ZeroDivisionError'
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        """The same object, which has the error after the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Keep an error; what ends the program or a task passes."""
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None
