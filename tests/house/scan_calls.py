"""Finds calls and imports that the house refuses: evaluated text, unpickled bytes, clocks, unseeded chance."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One refused thing: the line, and what was found there."""

    line: int
    what: str


MODULES = frozenset(
    {
        "_pickle",
        "asteval",
        "cloudpickle",
        "code",
        "codeop",
        "dill",
        "imp",
        "jinja2",
        "joblib",
        "jsonpickle",
        "marshal",
        "numexpr",
        "pickle",
        "pickletools",
        "runpy",
        "shelve",
        "telnetlib",
        "yaml",
    }
)
"""Modules that evaluate text or take objects out of bytes, whatever is called of them."""
EVALUATES = frozenset(
    {
        "__import__",
        "builtins.compile",
        "builtins.eval",
        "builtins.exec",
        "asyncio.create_subprocess_shell",
        "builtins.__import__",
        "builtins.breakpoint",
        "breakpoint",
        "compile",
        "ctypes.CDLL",
        "ctypes.PyDLL",
        "eval",
        "exec",
        "importlib.reload",
        "importlib.util.module_from_spec",
        "importlib.util.spec_from_file_location",
        "importlib.util.spec_from_loader",
        "numpy.loads",
        "operator.attrgetter",
        "operator.methodcaller",
        "os.popen",
        "os.system",
        "pandas.eval",
        "pandas.read_pickle",
        "pkgutil.resolve_name",
        "pty.spawn",
        "polars.sql_expr",
        "pydoc.locate",
        "ruamel.yaml.load",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "sys.setprofile",
        "sys.settrace",
        "tempfile.mktemp",
        "types.CodeType",
        "types.FunctionType",
        "typing.get_type_hints",
        "xml.etree.ElementTree.parse",
    }
)
CLOCKS = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "ibis.now",
        "ibis.today",
        "pandas.Timestamp.now",
        "pandas.Timestamp.today",
        "pandas.Timestamp.utcnow",
        "time.ctime",
        "time.gmtime",
        "time.localtime",
        "time.strftime",
        "time.time",
        "time.time_ns",
    }
)
CHANCE = frozenset(
    {
        "ibis.random",
        "ibis.uuid",
        "os.urandom",
        "random.SystemRandom",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid.uuid7",
    }
)
SEEDED = frozenset(
    {
        "random.Random",
        "numpy.random.default_rng",
        "numpy.random.PCG64",
        "numpy.random.Philox",
        "numpy.random.SeedSequence",
    }
)
PLAIN = frozenset({"numpy.random.Generator"})
KEYWORDS = {"shell": True, "allow_pickle": True, "typ": "unsafe"}


class _Scan(ast.NodeVisitor):
    """Walks one module, knowing what each imported name stands for."""

    def __init__(self) -> None:
        self.stands_for: dict[str, str] = {}
        self.found: list[Finding] = []

    def refuse(self, node: ast.expr | ast.stmt, what: str) -> None:
        self.found.append(Finding(line=node.lineno, what=what))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            self.stands_for[alias.asname or name] = name
            if alias.name.partition(".")[0] in MODULES:
                self.refuse(node, f"import {alias.name}")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            self.stands_for[alias.asname or alias.name] = f"{module}.{alias.name}"
        if module.partition(".")[0] in MODULES:
            self.refuse(node, f"from {module} import")

    def visit_Global(self, node: ast.Global) -> None:
        self.refuse(node, f"global {', '.join(node.names)}")

    def visit_Name(self, node: ast.Name) -> None:
        self._look_up(node, self.stands_for.get(node.id, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._look_up(node, self._dotted(node))
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._dotted(node.func)
        if name in SEEDED and not node.args and not node.keywords:
            self.refuse(node, f"{name}() without a seed")
        if name.endswith((".eval", ".read_pickle", ".to_pickle")) or name.startswith(("os.exec", "os.spawn")):
            self.refuse(node, name)
        for keyword in node.keywords:
            wanted = KEYWORDS.get(keyword.arg or "")
            if wanted is not None and isinstance(keyword.value, ast.Constant) and keyword.value.value == wanted:
                self.refuse(node, f"{keyword.arg}={wanted!r}")
        self.generic_visit(node)

    def _look_up(self, node: ast.expr, name: str) -> None:
        if name in EVALUATES | CLOCKS | CHANCE or _unseeded(name):
            self.refuse(node, name)

    def _dotted(self, node: ast.expr) -> str:
        """`np.random.rand` as `numpy.random.rand`; anything else than names joined by dots starts with `?`."""
        if isinstance(node, ast.Name):
            return self.stands_for.get(node.id, node.id)
        return f"{self._dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def _unseeded(name: str) -> bool:
    """Whether a dotted name draws from a generator that the whole process has in common."""
    module, _, last = name.rpartition(".")
    return module in ("random", "numpy.random") and last.islower() and name not in SEEDED | PLAIN


def refused_calls(source: str) -> list[Finding]:
    """Everything in a module that the house refuses, in order of lines, each once."""
    scan = _Scan()
    scan.visit(ast.parse(source))
    return sorted(set(scan.found), key=lambda each: (each.line, each.what))
