"""The checkout as the house rules see it: which files there are and what each of them defines."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "habitue"

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def python_files(*folders: str) -> list[Path]:
    """Every Python file below the named folders of the checkout, sorted; folders that are absent hold none."""
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts
    )


def place(path: Path, line: int = 0) -> str:
    """A file of the checkout as people write it, with the line when there is one."""
    text = path.relative_to(ROOT).as_posix()
    return f"{text}:{line}" if line else text


def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def public_definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The classes and functions of a module and the methods of its classes, as far as no name begins with `_`."""
    for node in tree.body:
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (each for each in node.body if isinstance(each, DEFINITIONS) and each.name[0] != "_")


def public_names(tree: ast.Module) -> list[str] | None:
    """What a module lists in `__all__`; None when it has no such list of constants."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and isinstance(node, ast.Assign | ast.AnnAssign):
            if node.value is None:
                return None
            return [str(name) for name in ast.literal_eval(node.value)]
    return None
