"""What goes wrong with users and API keys; nothing here tells whether a name exists to somebody who guesses."""

from habitue.errors import HabitueError


class AccountError(HabitueError):
    """Something about a user or a key is not as it has to be."""

    code = "ACCOUNT"


class UserNameError(AccountError):
    """A user cannot have this name."""

    code = "USER-NAME"

    def __init__(self) -> None:
        super().__init__(
            what="A user cannot be called that.",
            do="Take up to 100 small letters, digits and . _ @ + -, beginning with a letter or digit.",
        )


class UserKnownError(AccountError):
    """There is a user of this name already."""

    code = "USER-KNOWN"

    def __init__(self) -> None:
        super().__init__(what="There is a user of this name already.", do="Take another, or remove that one first.")


class UserUnknownError(AccountError):
    """There is no user of this name."""

    code = "USER-UNKNOWN"

    def __init__(self) -> None:
        super().__init__(what="No user has this name.", do="`habitue users list` shows them.")


class KeyUnknownError(AccountError):
    """There is no API key of this id."""

    code = "KEY-UNKNOWN"

    def __init__(self) -> None:
        super().__init__(what="No API key has this id.", do="`habitue keys list` shows them.")


class KeyRefusedError(AccountError):
    """An API key does not open anything: malformed, unknown, revoked or expired; which of these is not said."""

    code = "KEY-REFUSED"

    def __init__(self) -> None:
        super().__init__(what="The API key is not valid.", do="Make a new one with `habitue keys create`.")


class SignInRefusedError(AccountError):
    """Name and password do not belong together; which of them is wrong is not said."""

    code = "SIGN-IN-REFUSED"

    def __init__(self) -> None:
        super().__init__(what="Name and password do not belong together.", do="Check both, then try again.")


class SignInPausedError(AccountError):
    """Too many wrong passwords in a row.

    Attributes:
        seconds: How long to wait.
    """

    code = "SIGN-IN-PAUSED"

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            what="Too many wrong passwords were given for this name.", do=f"Wait {seconds:,} s, then try again."
        )


class LinkRefusedError(AccountError):
    """A link for signing in is unknown, was used, or is too old; which of these is not said."""

    code = "LINK-REFUSED"

    def __init__(self) -> None:
        super().__init__(
            what="This link lets nobody in: each is good once, and for a few minutes.",
            do="`habitue users link` makes another.",
        )


class SessionUnknownError(AccountError):
    """There is no session of this id."""

    code = "SESSION-UNKNOWN"

    def __init__(self) -> None:
        super().__init__(what="No session has this id.", do="It may have ended by itself; look at the list anew.")


class SessionRefusedError(AccountError):
    """A session has ended, or never began."""

    code = "SESSION-REFUSED"

    def __init__(self) -> None:
        super().__init__(what="Nobody is signed in, or no longer.", do="Sign in again.")
