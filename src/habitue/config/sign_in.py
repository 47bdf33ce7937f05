"""What `habitue.yaml` says about how people are let in: where they reach the server, and who vouches for them."""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from habitue.config.documents import Declared
from habitue.errors import HabitueError
from habitue.records.permissions import Role

_URL_LENGTH: Final = 500
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_VARIABLE: Final = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]{0,99})")


class ServerAddressError(HabitueError, ValueError):
    """A text is not an address at which people reach a server."""

    code = "SERVER-ADDRESS"

    def __init__(self, text: str) -> None:
        super().__init__(
            what=f"{text[:80]!r} is not an address at which people reach a server.",
            do="Write scheme and host alone, such as https://habitue.example.com; http:// is for this machine only.",
        )


class SecretReferenceError(HabitueError, ValueError):
    """A file holds what should only be referred to."""

    code = "SECRET-REFERENCE"

    def __init__(self) -> None:
        super().__init__(
            what="A secret is named by where it is kept; it does not stand in a file of the project.",
            do="Write `env:NAME`, and set that variable where the server is started.",
        )


def check_address(text: str) -> str:
    """The address itself, without a slash at its end; https, or http on this machine.

    Examples:
        >>> check_address("https://habitue.example.com/")
        'https://habitue.example.com'
    """
    plain = text.removesuffix("/")
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError:
        raise ServerAddressError(text) from None
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    is_plain = plain.lower() == f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}"
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    if not (_HOST.fullmatch(host) and is_plain and is_safe and plain.isascii() and len(plain) <= _URL_LENGTH):
        raise ServerAddressError(text)
    return plain.lower()


def _check_reference(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise SecretReferenceError
    return text


class RolesFile(Declared):
    """Which of a provider's people are what."""

    claim: str = Field(min_length=1, max_length=200, description="The claim that says it: groups, roles …")
    values: dict[str, Role] = Field(
        min_length=1, description="The role of each value; of several the first that is listed here counts."
    )


class SignInFile(Declared):
    """A provider of OpenID Connect that vouches for people, beside accounts of the project."""

    issuer: str = Field(
        min_length=8, max_length=_URL_LENGTH, pattern=r"^https?://", description="The provider: https://…"
    )
    client_id: str = Field(min_length=1, max_length=200, description="As what it knows this server.")
    client_secret: Annotated[str, AfterValidator(_check_reference)] | None = Field(
        None, description="Where the secret is kept: env:NAME; left out for a client without one."
    )
    roles: RolesFile = Field(description="Who is what; whom it gives no role is not let in.")
    name: str = Field("email", min_length=1, max_length=200, description="The claim that names people.")
    label: str = Field("", max_length=60, description="What the button on the sign-in page says.")
    allow_private: bool = Field(
        False, description="Whether it may be a server of your own network; then also http and any port."
    )

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.issuer.startswith("http:") and not self.allow_private:
            raise ValueError("an issuer is an https:// address; http:// is for your own network, with allow_private")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A provider that vouches for people.

    Attributes:
        issuer: The provider's URL.
        client_id: As what it knows this server.
        secret_variable: The variable that holds the secret; None for a client without one.
        claim: The claim that says who is what.
        roles: The role of each value of it, those that count first first.
        name_claim: The claim that names people.
        label: What the button says.
        allow_private: Whether it may be a server of one's own network.
    """

    issuer: str
    client_id: str
    secret_variable: str | None
    claim: str
    roles: tuple[tuple[str, Role], ...]
    name_claim: str
    label: str
    allow_private: bool


def sign_in_of(said: SignInFile) -> SignIn:
    """A provider as the file says it."""
    return SignIn(
        issuer=said.issuer,
        client_id=said.client_id,
        secret_variable=None if said.client_secret is None else said.client_secret.removeprefix("env:"),
        claim=said.roles.claim,
        roles=tuple(said.roles.values.items()),
        name_claim=said.name,
        label=said.label,
        allow_private=said.allow_private,
    )
