"""Write `src/api/types.gen.ts`: what every route under `/api/v1` takes and answers, as TypeScript.

Made from the same document as `/openapi.json`, so that the app and the server cannot differ unnoticed. Started as
`python web/generate_types.py`; with `--check` it writes nothing, and fails where the file is not what it would write.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from habitue.server.api import api_routes
from habitue.server.openapi import openapi

TYPES: Final = Path(__file__).parent / "src" / "api" / "types.gen.ts"
_HEAD: Final = "// Written by web/generate_types.py from the routes of the server: `make types` writes it anew.\n"
_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_JSON: Final = "application/json"


def generated() -> str:
    """The file's text."""
    document: Mapping[str, Any] = openapi([each.declared for each in api_routes()])
    return _HEAD + "\n".join([*_shapes(document["components"]["schemas"]), *_routes(document["paths"])])


def _shapes(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        yield from _comment(schema.get("description", ""), "")
        if schema.get("type") == "object" and "properties" in schema:
            yield f"export interface {_name(name)} {_object(schema, 0)}\n"
        else:
            yield f"export type {_name(name)} = {_type(schema, 0)};\n"


def _routes(paths: Mapping[str, Any]) -> Iterator[str]:
    """Every route by `METHOD path`: what goes into the path and the query, the body, the answer, and who may ask."""
    yield "export interface Routes {"
    for path, methods in paths.items():
        if not path.startswith("/api/v1/"):
            continue
        for method, operation in methods.items():
            yield f"  /** {operation['summary']} */"
            yield f"  {json.dumps(f'{method.upper()} {path}')}: {{"
            for where in ("path", "query"):
                yield f"    {where}: {_parameters(operation['parameters'], where)};"
            yield f"    body: {_body(operation)};"
            yield f"    answer: {_answer(operation['responses'])};"
            yield f"    permission: {json.dumps(operation['x-permission'])};"
            yield "  };"
    yield "}\n"


def _parameters(parameters: Sequence[Mapping[str, Any]], where: str) -> str:
    said = [
        f"{json.dumps(each['name'])}{'' if each['required'] else '?'}: {_type(each['schema'], 2)}"
        f"{'' if each['required'] else ' | undefined'}"
        for each in parameters
        if each["in"] == where
    ]
    return "{ " + "; ".join(said) + " }" if said else "Record<never, never>"


def _body(operation: Mapping[str, Any]) -> str:
    if "requestBody" not in operation:
        return "undefined"
    return _type(operation["requestBody"]["content"][_JSON]["schema"], 2)


def _answer(responses: Mapping[str, Any]) -> str:
    good = next(each for status, each in responses.items() if status != "default")
    schema = good.get("content", {}).get(_JSON, {}).get("schema")
    return "Response" if schema is None else _type(schema, 2)


def _type(schema: Mapping[str, Any], depth: int) -> str:
    match schema:
        case {"$ref": str(reference)}:
            return _name(reference.rpartition("/")[2])
        case {"const": value}:
            return json.dumps(value)
        case {"enum": [*values]}:
            return " | ".join(json.dumps(each) for each in values)
        case {"anyOf": [*kinds]} | {"oneOf": [*kinds]}:
            return " | ".join(dict.fromkeys(_type(each, depth) for each in kinds))
        case {"type": [*kinds]}:
            return " | ".join(_PLAIN[each] for each in kinds)
        case {"type": str(kind)}:
            return _PLAIN.get(kind) or _group(schema, depth)
    return "unknown"


def _group(schema: Mapping[str, Any], depth: int) -> str:
    match schema:
        case {"type": "array", "prefixItems": [*kinds]}:
            return "[" + ", ".join(_type(each, depth) for each in kinds) + "]"
        case {"type": "array"}:
            return _several(_type(schema.get("items") or {}, depth))
        case {"properties": {}}:
            return _object(schema, depth)
    inside = schema.get("additionalProperties")
    return f"Record<string, {_type(inside, depth) if isinstance(inside, Mapping) else 'unknown'}>"


def _several(one: str) -> str:
    return f"({one})[]" if "|" in one else f"{one}[]"


def _object(schema: Mapping[str, Any], depth: int) -> str:
    inner, required = "  " * (depth + 1), set(schema.get("required", ()))
    lines = ["{"]
    for name, kind in schema["properties"].items():
        lines += _comment(kind.get("description", ""), inner)
        optional = "" if name in required else "?"
        lines.append(f"{inner}{_member(name)}{optional}: {_type(kind, depth + 1)};")
    return "\n".join([*lines, "  " * depth + "}"])


def _member(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def _comment(text: str, indent: str) -> list[str]:
    """The first sentence and what each member is, as the server says it."""
    said = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return [f"{indent}/** {said.replace('*/', '')} */"] if said else []


def _name(name: str) -> str:
    return "".join(each if each.isalnum() else "_" for each in name)


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with `--check` say whether it is up to date."""
    text = generated()
    if "--check" not in arguments:
        TYPES.write_text(text, encoding="utf-8")
        return 0
    if TYPES.exists() and TYPES.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("web/src/api/types.gen.ts is not what the server's routes say: run `make types`, and commit it.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
