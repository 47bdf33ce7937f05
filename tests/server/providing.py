"""A provider of OpenID Connect on this machine, which vouches as well or as badly as a test says."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.server.serving import listen

Claims: TypeAlias = dict[str, Any]
CLIENT = "habitue"
SECRET = base64.b64encode(b"of the client, with: signs & spaces").decode()
ANN: Claims = {"sub": "1", "email": "ann@example.com", "email_verified": True, "groups": ["staff", "analysts"]}


@dataclass
class Providing:
    """A provider.

    Attributes:
        clock: The present time.
        url: Where it is.
        claims: What it says of whoever comes.
        bent: Changes the claims before they are signed.
        sign: Signs them; by default with its key.
        codes: What was asked for with each code.
        asked: How many came for a token.
        further: What its UserInfo says; None for not having one.
        shown: The tokens that were shown there.
        document: Bent before it is shown.
    """

    clock: Callable[[], datetime]
    url: str = ""
    claims: Claims = field(default_factory=lambda: dict(ANN))
    bent: Claims = field(default_factory=dict)
    sign: Callable[[Claims], str] | None = None
    document: dict[str, object] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: int = 0
    further: object = None
    shown: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))

    def signed(self, claims: Claims) -> str:
        """What it says, with its signature."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def renew(self) -> None:
        """Sign with another key from now on."""
        self.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})

    # --- What it answers ----------------------------------------------------------------------------------------------

    async def discovery(self, request: Request) -> Response:
        del request
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256"],
                **({} if self.further is None else {"userinfo_endpoint": f"{self.url}/userinfo"}),
                **self.document,
            }
        )

    async def keys(self, request: Request) -> Response:
        del request
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """Whoever comes is known, and agrees."""
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.url, "session_state": "x"})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    async def token(self, request: Request) -> Response:
        """What a code is worth: once, for the client, with the proof that was announced."""
        self.asked += 1
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        scheme, _, both = request.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(both).decode().partition(":") if scheme == "Basic" else ("", "", "")
        known = parse_qs(f"n={name}&s={secret}") == {"n": [CLIENT], "s": [SECRET]}
        if (
            asked is None
            or not known
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self.clock().timestamp())
        claims = {
            **self.claims,
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.bent,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = (self.sign or self.signed)(claims)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "id_token": token})

    async def userinfo(self, request: Request) -> Response:
        """What else it says of whoever shows the token that it gave for them."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        self.shown.append(token)
        if (scheme, token) != ("Bearer", "opaque"):
            return JSONResponse({"error": "invalid_token"}, 401)
        if isinstance(self.further, bytes):
            return Response(self.further, media_type="application/jwt")
        return JSONResponse(self.further)


@contextmanager
def providing(clock: Callable[[], datetime]) -> Iterator[Providing]:
    """A provider until the end of the block."""
    provider = Providing(clock=clock)
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.discovery),
            Route("/keys", provider.keys),
            Route("/authorize", provider.authorize),
            Route("/token", provider.token, methods=["POST"]),
            Route("/userinfo", provider.userinfo),
        ]
    )
    with listen(app) as url:
        provider.url = url
        yield provider


def unsigned(claims: Claims) -> str:
    """A token that says of itself that nobody signed it."""
    parts = [json.dumps({"alg": "none"}).encode(), json.dumps(claims).encode(), b""]
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


def signed_by_another(claims: Claims) -> str:
    """A token of a key that the provider does not publish, under the name of one that it does."""
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048))


def signed_with_what_is_public(provider: Providing) -> Callable[[Claims], str]:
    """A token whose "secret" is the published key: it holds where a server lets the token choose the algorithm."""
    public = provider.key.as_pem(private=False)
    return lambda claims: jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public))


def signed_by_curve(claims: Claims) -> str:
    """A token of a key of another kind."""
    return jwt.encode({"alg": "ES256", "kid": "first"}, claims, ECKey.generate_key("P-256"))
