"""What there is to ask, for programs (`/openapi.json`) and for people (`/docs`): made from the routes themselves."""

import asyncio
import base64
import hashlib
import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

import msgspec
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import ComputedField, DataclassField, ModelField, TypedDictField
from starlette.requests import Request
from starlette.responses import Response

from habitue.records.plain import Json
from habitue.server.problems import PROBLEM_TYPE, Problem
from habitue.server.routing import Admission, Declared, DeclaredRoute, Described, declared_routes, route

_WHERE: Final = "#/components/schemas/{name}"
_KINDS: Final[Mapping[Admission, list[Json]]] = {
    Admission.ANYBODY: [],
    Admission.BEARER: [{"key": []}, {"session": []}],
    Admission.WRITE_KEY: [{"write_key": []}],
}
_POLICY: Final = "default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; base-uri 'none'"
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;"
    "background:#fff}h2{margin-top:2.5rem}article{border-top:1px solid #ddd;padding:.75rem 0}code{font-family:ui-monosp"
    "ace,monospace}b{display:inline-block;min-width:4rem}p{margin:.25rem 0}.needs{color:#555}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}article{border-color:#444}.needs{color:#aaa}}"
)


def document_routes() -> Iterator[DeclaredRoute]:
    """The routes that say what there is."""
    yield route(
        "/openapi.json",
        _openapi,
        methods=["GET"],
        permission=None,
        name="openapi",
        summary="Every path, for programs.",
        described=Described(group="Operate"),
    )
    yield route(
        "/docs",
        _docs,
        methods=["GET"],
        permission=None,
        name="docs",
        summary="Every path, for people.",
        described=Described(group="Operate", media="text/html"),
    )


async def _openapi(request: Request) -> Response:
    kept: bytes | None = getattr(request.app.state, "openapi", None)
    if kept is None:
        # It stays the same as long as the app does.
        kept = await asyncio.to_thread(lambda: json.dumps(openapi(_listed(request))).encode())
        request.app.state.openapi = kept
    return Response(kept, media_type="application/json")


async def _docs(request: Request) -> Response:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = _POLICY.format(style=digest)
    page = "".join(_page(_listed(request)))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})


def _listed(request: Request) -> list[Declared]:
    return [each for each in declared_routes(request.app) if each.described.is_listed]


def openapi(routes: Sequence[Declared]) -> dict[str, Json]:
    """The OpenAPI 3.1 document of some routes."""
    found, components = _schemas(_shapes(routes))
    paths: dict[str, dict[str, Json]] = {}
    for each in routes:
        for method in each.methods:
            paths.setdefault(each.path, {})[method.lower()] = _operation(each, method, found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Habitue",
            "version": metadata.version("habitue"),
            "description": "Who are your customers, which groups do they belong to, and why.",
        },
        "paths": dict(paths),
        "components": {
            "schemas": dict(components),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key of `habitue keys create`."},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-habitue",
                    "description": "Of whoever is signed in; what changes something shows `X-CSRF-Token` too.",
                },
                "write_key": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A key of `habitue keys create --scope collect` as the user's name.",
                },
            },
        },
    }


def _shapes(routes: Iterable[Declared]) -> list[object]:
    found: dict[str, object] = {_key(Problem): Problem}
    for each in routes:
        for shape in (each.described.body, each.described.answer):
            if shape is not None:
                found[_key(shape)] = shape
    return list(found.values())


def _schemas(shapes: Sequence[Any]) -> tuple[dict[str, Json], dict[str, Json]]:
    """The schema of each shape by its key, and what they refer to by name; structs and values by a library each."""
    structs = [each for each in shapes if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    schemas, components = msgspec.json.schema_components(structs, ref_template=_WHERE)
    found = {_key(shape): _plain_schema(schema) for shape, schema in zip(structs, schemas, strict=True)}
    named = {name: _plain_schema(schema) for name, schema in components.items()}
    values = [each for each in shapes if _key(each) not in found]
    made, document = TypeAdapter.json_schemas(
        [(_key(each), "serialization", TypeAdapter(each)) for each in values],
        ref_template=_WHERE.format(name="{model}"),
        schema_generator=_Written,
    )
    found |= {str(key): _plain_schema(schema) for (key, _), schema in made.items()}
    return found, named | {name: _plain_schema(schema) for name, schema in document.get("$defs", {}).items()}


class _Written(GenerateJsonSchema):
    """The schema of answers: every member is written, also one that has a usual value."""

    def field_is_required(
        self, field: ModelField | DataclassField | TypedDictField | ComputedField, total: bool
    ) -> bool:
        """Whether a member is always there."""
        del field, total
        return True


def _key(shape: object) -> str:
    return repr(shape)


def _operation(declared: Declared, method: str, found: Mapping[str, Json]) -> Json:
    described = declared.described
    needs = f"Needs `{declared.permission.value}`." if declared.permission is not None else ""
    said: dict[str, Json] = {
        "operationId": declared.name if len(declared.methods) == 1 else f"{declared.name}_{method.lower()}",
        "summary": declared.summary,
        "description": " ".join(each for each in (described.about, needs) if each),
        "tags": [described.group or "Other"],
        "security": _KINDS[declared.admission],
        "parameters": list(_parameters(declared)),
        "responses": _responses(described, found),
        "x-permission": None if declared.permission is None else declared.permission.value,
    }
    if described.body is not None:
        body: Json = {"schema": found[_key(described.body)]}
        said["requestBody"] = {"required": True, "content": {"application/json": body}}
    return said


def _parameters(declared: Declared) -> Iterator[Json]:
    for name in _names(declared.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for each in declared.described.parameters:
        schema: dict[str, Json] = {"type": each.kind}
        if each.least is not None:
            schema["minimum"] = each.least
        if each.most is not None:
            schema["maximum"] = each.most
        yield {
            "name": each.name,
            "in": "query",
            "required": each.required,
            "description": each.about,
            "schema": dict(schema),
        }


def _names(path: str) -> list[str]:
    return [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]


def _responses(described: Described, found: Mapping[str, Json]) -> Json:
    schema: dict[str, Json] = {} if described.answer is None else {"schema": found[_key(described.answer)]}
    problem: dict[str, Json] = {PROBLEM_TYPE: {"schema": found[_key(Problem)]}}
    return {
        str(described.status): {"description": "Done.", "content": {described.media: dict(schema)}},
        "default": {"description": "Refused, with a code and what to do.", "content": dict(problem)},
    }


def _plain_schema(schema: object) -> Json:
    """A schema as answers are written: exact numbers as numbers, lengths of time as seconds."""
    if isinstance(schema, Mapping):
        if schema.get("format") == "duration":
            return {"type": "number"}
        if schema.get("type") == "string" and "pattern" in schema:
            # An exact number: a number where that says it exactly.
            return {"type": ["number", "string"]}
        return {str(key): _plain_schema(value) for key, value in schema.items()}
    if isinstance(schema, list | tuple):
        return [_plain_schema(each) for each in schema]
    return schema if isinstance(schema, str | int | float | bool) else None


def _page(routes: Sequence[Declared]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Habitue</title>'
    yield f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body>'
    yield "<main><h1>Habitue</h1><p>Every path of this server. "
    yield '<a href="/openapi.json">openapi.json</a> says the same to programs.</p>'
    groups: dict[str, list[Declared]] = {}
    for each in routes:
        groups.setdefault(each.described.group or "Other", []).append(each)
    for name, declared in groups.items():
        yield f"<h2>{html.escape(name)}</h2>"
        for each in declared:
            yield from _entry(each)
    yield "</main></body></html>"


def _entry(declared: Declared) -> Iterator[str]:
    described = declared.described
    methods = ", ".join(declared.methods)
    yield f"<article><p><b>{html.escape(methods)}</b> <code>{html.escape(declared.path)}</code></p>"
    yield f"<p>{html.escape(declared.summary)} {html.escape(described.about)}</p>"
    for each in described.parameters:
        yield f"<p><code>{html.escape(each.name)}</code>: {html.escape(each.about)}</p>"
    needs = {Admission.ANYBODY: "Open to anybody.", Admission.WRITE_KEY: "Needs a write key."}.get(declared.admission)
    permission = "" if declared.permission is None else f"Needs {declared.permission.value}."
    yield f'<p class="needs">{html.escape(needs or permission)}</p></article>'
