# PYTHON makes the environment: make setup PYTHON=python3.13
PYTHON ?= python3
# ARGS goes to the program behind run, test, bench, prove and lock.
ARGS ?=
PY := .venv/bin/python
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench prove lock licences sbom

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make .venv from requirements.lock, when it is missing or out of date

# --no-deps: the lock is complete, and with hashes pip stumbles over extras such as
# sqlalchemy[asyncio]; pip check then proves that nothing is missing.
$(READY): requirements.lock tools/nuoxin
	@test -x .venv/bin/pip || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo '需要 Python 3.11 或以上版本：make $(MAKECMDGOALS) PYTHON=python3.11' >&2; \
	    echo 'Python 3.11 or later is needed; name one with PYTHON=, as above.' >&2; \
	    exit 1; }; \
	  $(PYTHON) -m venv .venv; }
	$(PY) -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@# Of django-htmx one file is served, and no code is run that would want Django.
	@! $(PY) -m pip check | grep -v -e '^django-htmx ' -e '^No broken requirements' || { \
	  echo 'The environment holds leftovers: delete .venv and run make setup again.' >&2; exit 1; }
	@ln -sf ../../tools/nuoxin .venv/bin/nuoxin
	@touch $@

run: setup ## start the demo city: database, Prefect, flows and web, until Ctrl-C
	$(PY) nuoxin.py up --demo $(ARGS)

# Everyday, or all: that is what CI runs, and then it counts what was tried.
SUITE ?= everyday
SELECTED_everyday := not slow and not schedule and not heavy
SELECTED_all := not heavy

# Three on two cores, since tests wait for databases, browsers and schedules.
test: setup ## the everyday tests; SUITE=all for every one, as CI runs them
	$(PY) -m pytest -n 3 -m "$(SELECTED_$(SUITE))" $(ARGS)
ifeq ($(SUITE)$(ARGS),all)
	$(PY) -m tests.counts
endif

check: setup ## lint, format, types, imports, and the declarations of law
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PY) -m tools.house
	$(PY) nuoxin.py check
	$(PY) -m tools.completeness
	$(PY) -m tools.supply

bench: setup ## measure how fast a case moves
	$(PY) -m benchmarks $(ARGS)

# What the proof `described` asks for; it is no part of .venv.
.venv-prove/.ready: requirements-prove.lock
	$(PYTHON) -m venv .venv-prove
	.venv-prove/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-prove.lock
	@touch $@

prove: setup ## kill and call a running house, and try in whole what the suite tries in part
	$(PY) -m proofs $(ARGS)

# One lock for running and testing, for every platform and Python from 3.11 on, so that what is
# tested is what runs; what production needs of it, in the same versions, is a lock of its own, and
# so is what one proof calls the house with. They keep their versions until ARGS=--upgrade or a
# limit in pyproject.toml.
COMPILE = .venv/bin/uv pip compile --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --quiet \
	  --custom-compile-command 'make lock'

lock: setup ## write the locks from pyproject.toml
	$(COMPILE) pyproject.toml --group test --output-file requirements.lock $(ARGS)
	$(COMPILE) pyproject.toml --constraint requirements.lock --output-file requirements-run.lock $(ARGS)
	$(COMPILE) --group prove --output-file requirements-prove.lock $(ARGS)
	$(PY) -m tools.supply

licences: setup ## print what is shipped, with its licences
	$(PY) -m tools.supply --licences

sbom: setup ## write what is shipped as CycloneDX into build/sbom.cdx.json
	$(PY) -m tools.supply --sbom build/sbom.cdx.json
