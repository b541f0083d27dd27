# make run: the whole platform on this machine.  make test, make lint: what a change has to pass.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
# A symbolic link in place of .venv is somebody's shared environment, and is left alone.
LINKED := $(shell test -L $(VENV) && echo yes)
# Tests wait for servers, browsers and other processes: half as many workers again as cores.
TEST_WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); n=$$(( n + n / 2 )); echo $$(( n > 6 ? 6 : n )))
ARGS ?=

.PHONY: help run test lint format bench bench-peers soak thorough lock migrations venv venv-dev browser clean

help:
	@echo "make run            create the environment, start everything and serve the demo market (PORT=8000)"
	@echo "make test           the whole test suite        (ARGS='tests/orders -k respond')"
	@echo "make lint           house rules, imports, types, style"
	@echo "make format         let ruff format and repair"
	@echo "make bench          the benchmark table         (ONLY=name)"
	@echo "make soak           the long fault scenarios    (MINUTES=30)"
	@echo "make thorough       the test suite with many more made-up cases (TIMES=10)"
	@echo "make migrations     write the migrations that the models ask for"
	@echo "make lock           resolve requirements*.in into the lock files"

run: venv
	@exec $(PY) manage.py up

test: venv-dev browser
	$(PY) -m pytest -n $(TEST_WORKERS) --dist loadgroup $(ARGS)

lint: venv-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy $(wildcard b2b/core b2b/contracts */policies */states.py */services)
	$(PY) -m pytest tests/house -q -n 0

format: venv-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: venv-dev
	@$(PY) -m benchmarks $(ONLY)

PEERS := var/peers
bench-peers: venv-dev
	@[ -x $(PEERS)/hordak/bin/python ] || { $(PY) -m venv $(PEERS)/hordak && $(PEERS)/hordak/bin/python -m pip install \
	  --quiet --disable-pip-version-check -r benchmarks/peer/hordak.txt; } \
	  || { rm -rf $(PEERS)/hordak; echo "django-hordak could not be installed and is left out."; }
	@$(PY) -m benchmarks --peers $(ONLY)

soak: venv-dev
	@MINUTES=$(or $(MINUTES),30) $(PY) -m pytest tests -m soak -n 0 -s $(ARGS)

thorough: venv-dev browser
	TIMES=$(or $(TIMES),10) $(PY) -m pytest -n $(TEST_WORKERS) --dist loadgroup --timeout 3000 $(ARGS)

migrations: venv-dev
	$(PY) manage.py makemigrations

venv: $(if $(LINKED),,$(VENV)/.installed)
venv-dev: $(if $(LINKED),,$(VENV)/.installed-dev)

$(VENV)/bin/python:
	@python=$$(command -v python3.11 || command -v python3 || true); \
	if [ -z "$$python" ] || ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "Midstream needs Python 3.11 or newer; found: $$([ -n "$$python" ] && "$$python" --version || echo none)." >&2; \
	  echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv) and run make again." >&2; exit 1; fi; \
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "python -m venv failed; on Debian and Ubuntu: apt-get install python3-venv." >&2; exit 1; }

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	@echo "Installing what the platform runs on (once; about a minute) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what tests and lint need ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

browser:
	@if ! command -v chromium chromium-browser google-chrome >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests ..."; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      chromium fonts-wqy-zenhei; } </dev/null >/dev/null 2>&1 \
	    || echo "Chromium could not be installed; the browser tests are skipped."; \
	  else echo "There is no Chromium; the browser tests are skipped (install chromium to run them)."; fi; fi

# Universal: one file for every system and Python from 3.11; versions and hashes only, no index addresses.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate --no-config
lock: venv-dev
	$(PY) -m $(LOCK) requirements.in -o requirements.lock
	$(PY) -m $(LOCK) requirements-dev.in -o requirements-dev.lock
	@for file in requirements requirements-dev; do \
	  { echo "# Written by make lock from $$file.in: versions and hashes only."; cat $$file.lock; } > $$file.lock.new; \
	  mv $$file.lock.new $$file.lock; done

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var/static var/test-postgres
