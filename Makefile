# Everything a contributor needs. `make help` lists the targets.

JOBS ?= 2
WORKERS = $(JOBS)
# Most programs wait rather than compute, and no more compilers than CPUs run at the same time.
PROGRAM_WORKERS ?= $(shell expr 2 '*' $(JOBS))
FILES ?=
export HOLDFAST_PYTHON

FOUND := $(shell HOLDFAST_PYTHON='$(HOLDFAST_PYTHON)' sh tools/check_machine.sh --python)
VENV := .venv
PYTHON := $(VENV)/bin/python
# The package is plain Python: the demo needs no environment, and so no network.
BARE := PYTHONPATH=src $(if $(wildcard $(PYTHON)),$(PYTHON),$(FOUND))
# .clang-format-ignore names those that it leaves alone.
CLANG_FORMAT := find src tests examples benchmarks -name '*.[chi]pp' -print0 | xargs -0 $(VENV)/bin/clang-format
# A worker that runs out of tests takes some of another's: a few take half a minute.
PYTEST = $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal
# Files of tools/ci.py: what becomes of each test, and what became of them in an earlier run. It
# watches over minutes, so it also shows where they go.
PYTEST += $(if $(HOLDFAST_OUTCOMES),--outcomes=$(HOLDFAST_OUTCOMES) --durations=30)
PYTEST += $(if $(HOLDFAST_UNTIL),--until=$(HOLDFAST_UNTIL))
BESIDES := $(if $(HOLDFAST_BESIDES),--besides=$(HOLDFAST_BESIDES))

.PHONY: help demo test test-ci test-pythons test-platforms test-ship test-all lint format docs bench pythons platforms test-tools check-machine clean
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: check-machine  ## see it at work; FILES=FOLDER for Python sources of yours
	@$(BARE) -m pyholdfast demo $(if $(FILES),"$(FILES)")

test: lint  ## lint, types, and every test but the long ones and those of CI
	$(PYTEST) -m "not long and not ci"

test-ci: $(VENV)/ready  ## what takes seconds more than make test has; .ci/run runs it
	$(PYTEST) -m "ci and not long"

test-pythons: WORKERS = $(PROGRAM_WORKERS)
test-pythons: $(VENV)/ready  ## the programs on every Python that is found
	$(PYTEST) $(or $(BESIDES),tests/test_programs.py)

test-platforms: $(VENV)/ready  ## the programs elsewhere, and what compiles; ONLY=sample for a few of each
	$(PYTEST) $(if $(ONLY),-m "$(ONLY)",--support=tests/elsewhere/results.json) tests/elsewhere

test-ship: $(VENV)/ready  ## bundles on every Python, installed and packed
	$(PYTEST) -m long tests/ship

test-all: lint  ## every test on every Python that is found, and the table
	$(PYTEST) --table
	$(PYTHON) tools/conformance.py
	$(PYTHON) tools/fresh_machine.py

lint: $(VENV)/ready  ## ruff, clang-format and mypy
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(CLANG_FORMAT) --dry-run -Werror
	$(PYTHON) -m mypy

format: $(VENV)/ready  ## let ruff and clang-format rewrite what they can
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format
	$(CLANG_FORMAT) -i

docs: $(VENV)/ready  ## make the documentation site, build/site
	$(PYTHON) tools/docs_site.py

bench: $(VENV)/ready  ## measure against the peers
	$(PYTHON) -m pyholdfast bench

pythons:  ## make CPython 3.13t, 3.14 and 3.15 for the tests, in the user's cache
	$(FOUND) tools/pythons.py

platforms:  ## provide Windows under wine and other systems for the tests (Debian, as root)
	$(FOUND) tools/platforms.py $(ONLY)

test-tools:  ## install what make test-all also uses: spin, valgrind and others (Debian, as root)
	$(FOUND) tools/test_tools.py

check-machine:
	@sh tools/check_machine.sh

$(VENV)/ready: pyproject.toml
	@sh tools/check_machine.sh --venv
	@echo "making $(VENV) with the development tools, once: a minute or two, from the network"
	@$(FOUND) tools/environment.py $(VENV)

clean:  ## remove what make made, .venv included
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache build dist
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
