"""What a provider says: documents, keys, signed claims, and whom they name as what."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from habitue.channels.addresses import Target, read_target
from habitue.config.sign_in import SignIn
from habitue.errors import HabitueError
from habitue.records.permissions import Role

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that the provider alone has."""
_LONGEST_NAME: Final = 200
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}={0,2}")


class ProviderSilentError(HabitueError):
    """The provider cannot be asked, or answers what is no answer."""

    code = "PROVIDER-SILENT"

    def __init__(self, why: str) -> None:
        super().__init__(
            what=f"The provider {why}.", do="Check `sign_in:` in habitue.yaml, and that the provider can be reached."
        )


class ProviderRefusedError(HabitueError):
    """The provider does not vouch for somebody, or what it says cannot be believed; they are not told which.

    Attributes:
        why: For who runs the server, without anybody's data.
    """

    code = "PROVIDER-REFUSED"

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(what="The provider does not vouch for you.", do="Begin to sign in again.")


class ProviderRoleError(HabitueError):
    """The provider vouches for somebody whom the settings give no role."""

    code = "PROVIDER-ROLE"

    def __init__(self) -> None:
        super().__init__(
            what="The provider knows you, and nothing it says gives you a role here.",
            do="Ask an admin to add one of your groups under `sign_in.roles` in habitue.yaml.",
        )


def verified(text: str, keys: KeySet) -> jwt.Token | None:
    """A token whose signature holds; None where it does not."""
    try:
        return jwt.decode(text, keys, algorithms=list(_ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def published_keys(document: Mapping[str, Any]) -> KeySet:
    """The keys that a provider publishes, without those that nothing is signed with.

    Raises:
        ProviderSilentError: They are none.
    """
    said = document.get("keys")
    usable = [each for each in said if _is_usable(each)] if isinstance(said, list) else []
    try:
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProviderSilentError("publishes keys that are none") from None


def _is_usable(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"


def endpoint(document: Mapping[str, Any], name: str, said: SignIn) -> str:
    """An address that a provider names, where something may be sent to it.

    Raises:
        ProviderSilentError: It names none, or one that nothing is sent to.
    """
    url = document.get(name)
    if not isinstance(url, str):
        raise ProviderSilentError(f"does not name its {name}")
    target_of(url, said)
    return url


def target_of(url: str, said: SignIn) -> Target:
    """Where a URL leads, where something may be sent there.

    Raises:
        ProviderSilentError: It may not.
    """
    try:
        return read_target(url, allow_private=said.allow_private)
    except HabitueError:
        raise ProviderSilentError(
            "has an address that nothing is sent to: https, port 443 or 8443, on the public internet"
        ) from None


def json_object(body: bytes) -> Mapping[str, Any] | None:
    """A document that is an object; None where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def further_endpoint(document: Mapping[str, Any], said: SignIn) -> str | None:
    """Where a provider says more of somebody than its tokens do; None where that is not on the host of the issuer."""
    url = document.get("userinfo_endpoint")
    if not isinstance(url, str):
        return None
    try:
        target = target_of(url, said)
    except ProviderSilentError:
        return None
    return url if target.host == (urlsplit(said.issuer).hostname or "").lower() else None


def is_bearer(token: object) -> bool:
    """Whether something is a token that can be shown in a header."""
    return isinstance(token, str) and _BEARER.fullmatch(token) is not None


def is_short(claims: Mapping[str, Any], said: SignIn) -> bool:
    """Whether claims leave out what somebody is let in by: their name, that it was checked, or what gives the role."""
    return not _names(claims, said) or _claim(claims, said.claim) is None


def filled(claims: Mapping[str, Any], further: Mapping[str, Any], said: SignIn) -> tuple[Mapping[str, Any], ...]:
    """What names somebody, and what gives their role: the signed claims, or where they leave it out what else was said.

    A name and that it was checked come from one and the same.

    Raises:
        ProviderRefusedError: What else was said is about somebody else.
    """
    about = claims.get("sub")
    if not isinstance(about, str) or further.get("sub") != about:
        raise ProviderRefusedError("its UserInfo is about somebody else than the ID token (sub)")
    naming = claims if _names(claims, said) else further
    return naming, claims if _claim(claims, said.claim) is not None else further


def _names(claims: Mapping[str, Any], said: SignIn) -> bool:
    has_checked = said.name_claim != "email" or "email_verified" in claims
    return _claim(claims, said.name_claim) is not None and has_checked


def name_in(claims: Mapping[str, Any], said: SignIn) -> str:
    """The name of somebody; an address that the provider has not checked is nobody's.

    Raises:
        ProviderRefusedError: They have none.
    """
    found = _claim(claims, said.name_claim)
    is_checked = said.name_claim != "email" or claims.get("email_verified") in {True, "true"}
    if not is_checked:
        raise ProviderRefusedError("the address of somebody is not checked (email_verified)")
    if not (isinstance(found, str) and 0 < len(found) <= _LONGEST_NAME and found.isprintable()):
        raise ProviderRefusedError(f"the claim {said.name_claim} names nobody")
    return found


def role_in(claims: Mapping[str, Any], said: SignIn) -> Role:
    """What somebody is here, by the first of the listed values that is said of them.

    Raises:
        ProviderRoleError: Nothing.
    """
    found = _claim(claims, said.claim)
    values: Sequence[object] = found if isinstance(found, list) else [found]
    for value, role in said.roles:
        if value in values:
            return role
    raise ProviderRoleError


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """A claim by its name, or by the way to it: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
