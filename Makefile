# Two commands for a fresh machine with Python 3.11 or later, git and make:  make demo   make test
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

.PHONY: demo test long lint docs kill bench picture clean

demo: $(VENV)/installed
	@$(BIN)/simsoc run scenarios/opinion_majority_force.yaml

test: $(VENV)/installed-dev lint
	$(BIN)/python -m pytest -n 2

long: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n 2 -m long

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/installed-dev
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict

kill: $(VENV)/installed-dev
	$(BIN)/python -m tests.killing --times 300

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks

picture: $(VENV)/installed
	$(BIN)/python -m analysis.readme_picture

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "simsoc needs Python 3.11 or later; name one with: make demo PYTHON=python3.12"; exit 1; }
	@echo "making an environment of its own in $(VENV) (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml requirements.lock
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(PIP) --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) runs
