"""A provider that vouches for people: OpenID Connect, by code with a proof that only this server can show (PKCE).

Nothing is asked of anybody until the project's settings name a provider and somebody wants to sign in by it. What it
says counts when it was signed for this server, for this very attempt, by a key that the provider publishes now.
"""

import asyncio
import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from habitue.channels.addresses import AddressRefusedError
from habitue.channels.connections import Told
from habitue.channels.questions import NoAnswerError, Questions
from habitue.channels.webhooks import Network
from habitue.config.sign_in import SignIn
from habitue.errors import HabitueError
from habitue.records.permissions import Role
from habitue.run.surroundings import Surroundings
from habitue.server.openid_claims import (
    ProviderRefusedError,
    ProviderSilentError,
    endpoint,
    filled,
    further_endpoint,
    is_bearer,
    is_short,
    json_object,
    name_in,
    published_keys,
    role_in,
    target_of,
    verified,
)

VALID: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
MOST_BEGUN: Final = 1_000
_KNOWN_FOR: Final = timedelta(hours=1)
_LEEWAY_S: Final = 60
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class ProviderAbsentError(HabitueError):
    """No provider vouches for people here."""

    code = "PROVIDER-ABSENT"

    def __init__(self) -> None:
        super().__init__(what="No provider vouches for people here.", do="Say `sign_in:` in habitue.yaml.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Somebody for whom the provider vouches.

    Attributes:
        name: Who.
        role: As what.
        next: Where they wanted to go.
    """

    name: str
    role: Role
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Somebody who is sent to the provider.

    Attributes:
        url: Where to.
        binding: What their browser shows when it comes back.
    """

    url: str
    binding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    binding: bytes
    nonce: str
    verifier: str
    said: SignIn
    redirect: str
    next: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the provider says of itself."""

    said: SignIn
    until: datetime
    authorize: str
    token: str
    further: str | None
    by_body: bool
    keys: KeySet


class Provider:
    """Sends people to the provider of a project, and believes what can be proven when they come back.

    Args:
        said: What the settings say at present.
        around: The time, chance, and where its secret is.
        network: What requests meet outside.
        tell: Told why somebody was not let in.

    Attributes:
        tell: The same.
    """

    def __init__(
        self,
        said: Callable[[], SignIn | None],
        around: Surroundings,
        network: Network | None = None,
        tell: Callable[[HabitueError], None] = lambda _: None,
    ) -> None:
        self.tell = tell
        self._said = said
        self._around = around
        self._network = network or Network()
        self._flows: dict[str, _Flow] = {}
        self._known: _Known | None = None
        self._asking = asyncio.Lock()

    async def begin(self, *, redirect: str, wanted: str) -> Begun:
        """Send somebody to the provider.

        Args:
            redirect: Where they come back to.
            wanted: The page that they want to see then.

        Raises:
            ProviderAbsentError: There is none.
            ProviderSilentError: It cannot be asked.
        """
        said = self._said()
        if said is None:
            raise ProviderAbsentError
        known = await self._about(said)
        now = self._around.clock()
        state, binding, nonce, verifier = (self._secret() for _ in range(4))
        self._flows = {key: flow for key, flow in self._flows.items() if flow.until > now}
        while len(self._flows) >= MOST_BEGUN:
            # Who began first waits longest already.
            self._flows.pop(next(iter(self._flows)))
        self._flows[_mark(state)] = _Flow(
            binding=_digest(binding),
            nonce=nonce,
            verifier=verifier,
            said=said,
            redirect=redirect,
            next=wanted,
            until=now + VALID,
        )
        asked = {
            "response_type": "code",
            "client_id": said.client_id,
            "redirect_uri": redirect,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return Begun(url=add_params_to_uri(known.authorize, list(asked.items())), binding=binding)

    async def finish(self, *, code: str, state: str, issuer: str | None, binding: str) -> Vouched:
        """For whom the provider vouches.

        Args:
            code: What it gave them.
            state: What they were sent with; good once.
            issuer: Who it says that it is, where it does.
            binding: What their browser shows.

        Raises:
            ProviderRefusedError: For nobody, or that cannot be proven.
            ProviderRoleError: For somebody who is nothing here.
            ProviderSilentError: It cannot be asked.
        """
        flow = self._flows.pop(_mark(state), None)
        if flow is None:
            raise ProviderRefusedError("nobody was sent there with this state, or they are back already")
        if not hmac.compare_digest(_digest(binding), flow.binding):
            raise ProviderRefusedError("another browser came back than was sent")
        if flow.until <= self._around.clock() or flow.said != self._said():
            raise ProviderRefusedError("somebody came back too late, or the settings changed meanwhile")
        if issuer is not None and issuer != flow.said.issuer:
            raise ProviderRefusedError("the answer names another issuer")
        known = await self._about(flow.said)
        answer = await self._exchange(known, flow, code)
        claims = await self._claims(known, flow, answer)
        naming, giving = await self._further(known, flow.said, claims, answer.get("access_token"))
        return Vouched(name=name_in(naming, flow.said), role=role_in(giving, flow.said), next=flow.next)

    # --- What the provider says ---------------------------------------------------------------------------------------

    async def _about(self, said: SignIn, *, anew: bool = False) -> _Known:
        async with self._asking:
            known, now = self._known, self._around.clock()
            if known is not None and known.said == said and known.until > now and not anew:
                return known
            document = await self._document(said, said.issuer.rstrip("/") + _WELL_KNOWN)
            if document.get("issuer") != said.issuer:
                raise ProviderSilentError("calls itself otherwise than `issuer` does")
            methods = document.get("token_endpoint_auth_methods_supported")
            self._known = _Known(
                said=said,
                until=now + _KNOWN_FOR,
                authorize=endpoint(document, "authorization_endpoint", said),
                token=endpoint(document, "token_endpoint", said),
                further=further_endpoint(document, said),
                by_body=isinstance(methods, list) and "client_secret_basic" not in methods,
                keys=published_keys(await self._document(said, endpoint(document, "jwks_uri", said))),
            )
            return self._known

    async def _document(self, said: SignIn, url: str) -> Mapping[str, Any]:
        told = await self._ask(said, url)
        found = json_object(told.body) if told.status == 200 else None
        if found is None:
            raise ProviderSilentError("does not say what it should of itself")
        return found

    async def _ask(
        self,
        said: SignIn,
        url: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        questions = Questions(
            allow_private=said.allow_private, resolve=self._network.resolve, trust=self._network.trust
        )
        try:
            return await questions.ask(target_of(url, said), method=method, body=body, headers=headers)
        except AddressRefusedError:
            raise ProviderSilentError("has a name that stands for an address that is not public") from None
        except NoAnswerError:
            raise ProviderSilentError("does not answer") from None

    async def _exchange(self, known: _Known, flow: _Flow, code: str) -> Mapping[str, Any]:
        """What the provider gives for a code."""
        said = flow.said
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.redirect,
            "client_id": said.client_id,
            "code_verifier": flow.verifier,
        }
        secret = self._client_secret(said)
        if secret is not None and known.by_body:
            form["client_secret"] = secret
        elif secret is not None:
            both = f"{quote(said.client_id, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {b64encode(both.encode()).decode()}"
        told = await self._ask(said, known.token, method="POST", body=urlencode(form).encode(), headers=headers)
        found = json_object(told.body) if told.status == 200 else None
        if found is None:
            raise ProviderRefusedError(f"it gives nothing for the code (status {told.status})")
        return found

    def _client_secret(self, said: SignIn) -> str | None:
        if said.secret_variable is None:
            return None
        found = self._around.environ.get(said.secret_variable)
        if not found:
            raise ProviderSilentError(f"wants a secret, and the variable {said.secret_variable} is not set")
        return found

    async def _claims(self, known: _Known, flow: _Flow, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is said of somebody, when it was signed for this attempt by a key of the provider."""
        text = answer.get("id_token")
        if not isinstance(text, str):
            raise ProviderRefusedError("it gives no ID token")
        token = verified(text, known.keys)
        if token is None:
            # It may sign with a new key since an hour ago.
            token = verified(text, (await self._about(flow.said, anew=True)).keys)
        if token is None:
            raise ProviderRefusedError("the ID token is not signed by a key that it publishes")
        said = flow.said
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": said.issuer},
                "aud": {"essential": True, "value": said.client_id},
            },
            params={"nonce": flow.nonce, "client_id": said.client_id, "access_token": answer.get("access_token")},
        )
        try:
            claims.validate(now=int(self._around.clock().timestamp()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            claim = getattr(error, "claim", "")
            raise ProviderRefusedError(f"the claim {claim or '?'} of the ID token does not hold") from None
        return dict(token.claims)

    async def _further(
        self, known: _Known, said: SignIn, claims: Mapping[str, Any], token: object
    ) -> tuple[Mapping[str, Any], ...]:
        """What names somebody and what gives their role; its UserInfo is asked for what the ID token leaves out."""
        if known.further is None or not is_bearer(token) or not is_short(claims, said):
            return claims, claims
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        told = await self._ask(said, known.further, headers=headers)
        found = json_object(told.body) if told.status == 200 else None
        if found is None:
            raise ProviderRefusedError(f"its UserInfo is not there, or no JSON (status {told.status})")
        return filled(claims, found, said)

    def _secret(self) -> str:
        return urlsafe_b64encode(self._around.random(32)).rstrip(b"=").decode()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _mark(text: str) -> str:
    return _digest(text).hex()
