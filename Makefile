# Two commands do everything on a fresh machine: make demo, make test.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PY      := .venv/bin/python
UV      := .boot/bin/uv
NPM     := PATH="$(CURDIR)/.venv/bin:$$PATH" npm
RUN_TESTS := PATH="$(CURDIR)/.venv/bin:$$PATH" bash .ci/tests
WEB_SRC := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: help demo test test-all check bench env apt pages clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# -- the environment: Python packages from uv.lock, the pages through the Node.js that comes in a wheel ----
env: .venv/.stamp ## everything into .venv, from uv.lock

.boot/.stamp:
	@bash .ci/venv
	@touch $@

.venv/.stamp: .boot/.stamp pyproject.toml uv.lock
	@$(UV) sync --frozen --quiet --python python3
	@touch $@

web/node_modules/.stamp: .venv/.stamp web/package.json web/package-lock.json
	@cd web && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

pages: .pages.stamp ## build the pages into src/huma/pages

.pages.stamp: web/node_modules/.stamp $(WEB_SRC)
	@before=$$($(PY) .ci/pages.py) && (cd web && $(NPM) run --silent build) && $(PY) .ci/pages.py $$before > $@

apt: ## install the Debian packages that the tests need, when it may
	@bash .ci/apt

demo: env pages ## a signed live programme, three mirrors, the page beside a stock player (FILE=… shows your own)
	@.venv/bin/huma demo $(FILE)

test: SELECTED := -m "not longer"
test: ## linters, types, walls, unit, vector, browser and system tests
test-all: ## the same, and the tests that take long (tests/longer.py)
test test-all: env apt pages
	@$(MAKE) --no-print-directory check
	@cd web && $(NPM) run --silent test
	@$(RUN_TESTS) $(SELECTED) $(PYTEST)

check: env web/node_modules/.stamp ## linters, types, import walls
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@cd web && $(NPM) run --silent check

bench: env pages ## every benchmark beside its peer (some minutes each; ONLY=serve runs one)
	@$(PY) -m bench $(ONLY)

clean: ## remove what was built
	@rm -rf .venv .boot .pages.stamp src/huma/pages web/node_modules dist
