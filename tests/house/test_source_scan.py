"""Nothing in the source evaluates text, unpickles bytes, builds SQL from text, reads a clock or throws unseeded dice.

There is no list of lines that are let off. The one file that reads the clock is named below.
"""

import pytest

from tests.house.scan_calls import CLOCKS, Finding, refused_calls
from tests.house.scan_names import refused_names
from tests.house.scan_sql import refused_sql
from tests.house.tree import SOURCE, place, python_files

READS_THE_CLOCK = SOURCE / "habitue" / "cli" / "clock.py"
EVERYWHERE = python_files("src", "tests", "bench")


def found(planted: str) -> list[str]:
    return [each.what for each in refused_calls(planted) + refused_sql(planted)]


def test_the_source_holds_nothing_refused() -> None:
    seen = [
        f"{place(path, finding.line)} {finding.what}"
        for path in EVERYWHERE
        for finding in refused_calls(path.read_text(encoding="utf-8"))
        if not (path == READS_THE_CLOCK and finding.what in CLOCKS)
    ]
    assert seen == []


def test_nothing_is_reached_by_a_name_worked_out() -> None:
    seen = [
        f"{place(path, finding.line)} {finding.what}"
        for path in python_files("src")
        for finding in refused_names(path.read_text(encoding="utf-8"))
    ]
    assert seen == []


def test_no_sql_is_put_together_from_text() -> None:
    seen = [
        f"{place(path, finding.line)} {finding.what}"
        for path in EVERYWHERE
        for finding in refused_sql(path.read_text(encoding="utf-8"))
    ]
    assert seen == []


@pytest.mark.parametrize(
    "planted",
    [
        "eval(text)",
        "exec(text)",
        "compile(text, 'x', 'exec')",
        "run = eval",
        "__import__(name)",
        "import pickle",
        "from pickle import loads",
        "import marshal as m",
        "import shelve",
        "import cloudpickle.cloudpickle",
        "import yaml\nyaml.load(text)",
        "from ruamel.yaml import YAML\nYAML(typ='unsafe')",
        "import subprocess\nsubprocess.run(line, shell=True)",
        "import os\nos.system(line)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "import pandas as pd\npd.read_pickle(path)",
        "frame.eval(text)",
        "import joblib\njoblib.load(path)",
        "def f():\n    global state",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
        "import subprocess as s\ns.Popen(line, shell=True)",
        "import os as o\no.popen(line)",
        "import subprocess\nsubprocess.getoutput(line)",
        "import marshal\nmarshal.loads(data)",
        "import runpy\nrunpy.run_module(name)",
        "import jinja2\njinja2.Template(text)",
        "import code\ncode.interact()",
        "import importlib.util\nimportlib.util.spec_from_file_location('x', path)",
        "import operator\noperator.attrgetter(name)",
        "from operator import methodcaller\nmethodcaller(name)(value)",
        "import pydoc\npydoc.locate(name)",
        "import types\ntypes.FunctionType(code, {})",
        "breakpoint()",
        "import builtins\nbuiltins.eval(text)",
        "import asyncio\nasyncio.create_subprocess_shell(line)",
        "import os\nos.execvp(line, words)",
        "import os\nos.spawnlp(0, line)",
    ],
)
def test_text_that_would_be_run_is_seen(planted: str) -> None:
    assert found(planted)


@pytest.mark.parametrize(
    "planted",
    [
        "def f(thing, name):\n    return getattr(thing, name)",
        "def f(thing, row):\n    return getattr(thing, row['name'])",
        "def f(thing, name):\n    setattr(thing, f'_{name}', 1)",
        "def f(thing, text):\n    name = text.strip()\n    return getattr(thing, name, None)",
        "def f(thing, names):\n    return [getattr(thing, name) for name in names]",
        "def f(thing, names):\n    for name in names:\n        delattr(thing, name)",
        "class A:\n    def f(self, kind):\n        return getattr(self, 'on_' + kind)()",
        "from importlib import import_module\ndef f(name):\n    return import_module(name)",
        "import importlib\ndef f(name):\n    return importlib.import_module(f'plugins.{name}')",
        "def f(frame, text):\n    return frame.query(text)",
        "def f(frame, text):\n    return frame.eval(text)",
        "def f(name):\n    return globals()[name]",
        "def f(thing, name):\n    return vars(thing)[name]",
        "def f(template, customer):\n    return template.format(customer)",
        "def f(thing):\n    return thing.__globals__",
    ],
)
def test_a_name_worked_out_is_seen(planted: str) -> None:
    assert refused_names(planted)


@pytest.mark.parametrize(
    "sound",
    [
        "def f(thing):\n    return getattr(thing, 'name', None)",
        "from dataclasses import fields\ndef f(thing):\n    return [getattr(thing, e.name) for e in fields(thing)]",
        "NAMES = ('a', 'b')\ndef f(thing):\n    return [getattr(thing, name) for name in NAMES]",
        "def f(thing):\n    return [getattr(thing, name) for name in ('a', 'b')]",
        "def one(x):\n    return 'a' if x else 'b'\ndef f(thing, x):\n    name = one(x)\n    getattr(thing, name)",
        "from importlib import import_module\nimport_module('keyring')",
        "def f(name):\n    return 'Hello {}'.format(name)",
    ],
)
def test_a_declared_name_is_left_alone(sound: str) -> None:
    assert refused_names(sound) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now(UTC)",
        "from datetime import datetime as dt\nread = dt.utcnow",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "from time import time_ns\ntime_ns()",
        "import random\nrandom.random()",
        "from random import choice\nchoice(xs)",
        "import random\nrandom.Random()",
        "import numpy as np\nnp.random.default_rng()",
        "import numpy as np\nnp.random.rand(3)",
        "from numpy.random import default_rng\ndefault_rng()",
        "import uuid\nuuid.uuid4()",
        "import os\nos.urandom(8)",
        "con.execute('select now()')",
        "con.execute('select a from t order by random()')",
        "con.execute('insert into t values (current_timestamp)')",
    ],
)
def test_a_clock_or_an_unseeded_generator_is_seen(planted: str) -> None:
    assert found(planted)


@pytest.mark.parametrize(
    "planted",
    [
        "con.execute(f'select {name}')",
        "con.execute('select ' + name)",
        "con.execute('select %s' % name)",
        "con.execute('select {}'.format(name))",
        "con.execute(' '.join(parts))",
        "con.execute(TEXT.replace('NAME', name))",
        "con.sql(f'from {name}')",
        "backend.raw_sql(f'drop table {name}')",
        "relation.filter(f'{column} > 1')",
        "relation.aggregate('sum(' + column + ')')",
        "duckdb.SQLExpression(f'{column} + 1')",
        "text = 'select a from t'\ntext += f' where {x}'\ncon.execute(text)",
        "def f(con, name):\n    text = f'x {name}'\n    return con.execute(text)",
        "def f(con, name):\n    text = a if b else f'x {name}'\n    con.execute(text)",
        "text = f'SELECT a FROM {table} WHERE b = 1'",
        "text = 'create table %s (a int)' % name",
        "text = 'DELETE FROM {}'.format(name)",
        "text = f'with x as (select 1) select * from {name}'",
        "sqlglot.parse_one(f'{column} > 1')",
        "if (text := f'x{y}'):\n    con.executescript(text)",
    ],
)
def test_sql_put_together_from_text_is_seen(planted: str) -> None:
    assert found(planted)


@pytest.mark.parametrize(
    "sound",
    [
        "con.execute('select a from t where b = ?', [b])",
        "SQL = 'select a '\\\n  'from t'\ncon.execute(SQL)",
        "con.execute(STATEMENTS[name])",
        "con.execute(select(column).from_(table).sql('duckdb'))",
        "table.filter(table.a > 1).order_by('a')",
        "raise ValueError(f'No column is called {name}.')",
        "text = f'{name}: select one of {known}'",
        "import re\nre.compile(text)",
        "import random\nrandom.Random(7).random()",
        "import numpy as np\nnp.random.default_rng(seed)",
        "from datetime import datetime\ndatetime.fromisoformat(text)",
        "import time\ntime.perf_counter()",
        "from ruamel.yaml import YAML\nYAML(typ='rt').load(text)",
        "def f(now):\n    return now.replace(day=1)",
    ],
)
def test_what_is_sound_is_left_alone(sound: str) -> None:
    assert found(sound) == []


def test_a_finding_names_its_line() -> None:
    assert refused_calls("x = 1\ny = eval(x)\n") == [Finding(line=2, what="eval")]
