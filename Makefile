# めぐり Meguri — everything a developer or a curious visitor types.
#
#   make demo        open an invented town at http://localhost:8000/ and live in it (Ctrl-C ends; the town is kept)
#   make clean-demo  remove the invented town
#   make test        lint, import rules, types, tests
#   make lint        the first three of them
#   make bench       measures, one JSON object a line (ONLY=post runs one group)
#   make drill       failure drills: kill, cut, fill, migrate, tamper, plant, mutate; then the dated report (ONLY="power full")
#   make lock        resolve the requirements again after pyproject.toml changed

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export UV_PYTHON_DOWNLOADS = never
# What is imported is compiled once, by its first import, and kept: compiling all that is installed takes longer than all else.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo clean-demo test lint bench drill lock clean

help:
	@sed -n 's/^#   //p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Meguri needs Python 3.11 or newer; set PYTHON=...")'
	@echo "Pythonの部屋 $(VENV) をつくっています / making a place for Python, $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# Installs $(1) with its hashes checked, then the project itself. uv is quicker; where it cannot reach the packages
# (a mirror that only pip is told of), pip does the same.
define install
	@echo "必要なものを入れています。はじめの一度だけ、数分かかることがあります / installing what is needed, once; may take minutes"
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv 2>/dev/null || true
	@( [ -x $(BIN)/uv ] && $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null ) \
	  || $(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --require-hashes -r $(1)
	@( [ -x $(BIN)/uv ] && $(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e . 2>/dev/null ) \
	  || $(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --no-deps -e .
	@touch $@
endef

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(call install,requirements/runtime.txt)

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(call install,requirements/dev.txt)
	@touch $(VENV)/.runtime

demo: $(VENV)/.runtime
	@$(BIN)/meguri demo $(if $(PORT),--port $(PORT))

clean-demo: $(VENV)/.runtime
	@$(BIN)/meguri demo --clean

# Every step runs, whatever the ones before it found, so that one look shows everything; pytest speaks last.
test: $(VENV)/.dev
	@status=0; \
	$(BIN)/ruff check --quiet src tests || status=1; \
	$(BIN)/lint-imports --no-cache | sed -n '/BROKEN/p;/^Contracts:/p;/Broken contracts/,$$p'; [ "$${PIPESTATUS[0]}" = 0 ] || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/pytest -q -n 3 --dist worksteal --durations=10 $(PYTEST_ARGS) || status=1; \
	exit $$status
test lint: SHELL := /bin/bash

lint: $(VENV)/.dev
	@$(BIN)/ruff check src tests && $(BIN)/lint-imports --no-cache && $(BIN)/mypy

bench: $(VENV)/.dev
	@$(BIN)/python -m bench $(ONLY)

drill: $(VENV)/.dev
	@MEGURI_EXAMPLES=$${MEGURI_EXAMPLES:-100} $(BIN)/python -m drill $(ONLY)

COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate pyproject.toml
lock: $(VENV)/.dev
	$(BIN)/$(COMPILE) -o requirements/runtime.txt
	$(BIN)/$(COMPILE) --extra dev -c requirements/runtime.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
