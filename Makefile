# Container Monkey. `make run` serves it, `make test` tests it; both set up what they need.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help

export PORT ?= 6660
PY := .venv/bin/python
# Tests at once, each with an Engine of its own. They wait more than they work: more than cores.
WORKERS ?= 4
# Arguments for run, test, bench, lock and release: make test ARGS='tests/jobs -x'
ARGS ?=

.PHONY: help setup run test lint format bench lock release clean

help:  ## Say what the verbs do
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup:  ## Make .venv with everything the work on the program needs
	@tools/setup.sh dev

run:  ## Set up and serve on http://localhost:6660 (PORT=8000 make run)
	@tools/setup.sh run
	@exec $(PY) manage.py serve $(ARGS)

test: setup  ## Run the tests on a private Engine and a real browser (ARGS='-x tests/jobs')
	@tools/system-packages.sh
	@$(PY) -m pytest -n $(WORKERS) $(ARGS)

lint: setup  ## Look at the style, the templates and the types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/djlint --quiet --lint templates
	@.venv/bin/djlint --quiet --check templates
	@CONTAINERMONKEY_DATA=build/data .venv/bin/mypy

format: setup  ## Put Python files and templates into the house's form
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/ruff format .
	@.venv/bin/djlint --quiet --reformat templates || true

bench: setup  ## Measure backup, restore, the list page and the console
	@tools/system-packages.sh
	@$(PY) -m bench $(ARGS)

lock: setup  ## Pin the packages that requirements*.in ask for (ARGS=--upgrade)
	@tools/lock.sh $(ARGS)

release: setup  ## Build wheel and image of this commit (ARGS='--base registry.example.org/debian:13')
	@$(PY) -m tools.release $(ARGS)

clean:  ## Remove what the other verbs made; the data in ./data stays
	@rm -rf .venv node_modules build static/vendor .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
