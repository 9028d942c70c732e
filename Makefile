# Every development chore, each in one way. `make help` lists them.
#
# Needs Python 3.11 or newer with its venv module; `make PYTHON=python3.13 …` names another one.

PYTHON ?= python3
VENV := .venv

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
EXE := .exe
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python$(EXE)

# One stamp for each set of packages; a newer pyproject.toml installs again.
RUNTIME := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

PIP := $(PY) -m pip --disable-pip-version-check --quiet
PYTEST := $(PY) -m pytest -q -n 2 --dist worksteal
COMPOSE := docker compose --file docker-compose.test.yml

.DEFAULT_GOAL := help
.PHONY: help demo test test-containers lint format docs bench clean

help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-23s %s\n", $$1, $$2 }'

demo: $(RUNTIME) ## Migrate generated sources to the embedded PostgreSQL, and prove it.
	@$(BIN)/migrator demo

test: lint ## Run lint, strict typing and all tests.
	@$(PYTEST)

# The containers go whatever happens: EXIT comes after success, failure and interruption. The password is of servers
# that live as long as the tests and listen on this machine alone.
test-containers: lint ## Run all tests on PostgreSQL and SQL Server in containers.
	@export MIGRATOR_TEST_PASSWORD=Throwaway1; \
	trap '$(COMPOSE) down --volumes' EXIT; \
	trap 'exit 130' INT TERM; \
	$(COMPOSE) up --detach --wait --quiet-pull || { $(COMPOSE) logs; exit 1; }; \
	postgresql=$$($(COMPOSE) port postgresql 5432) && mssql=$$($(COMPOSE) port mssql 1433) || exit 1; \
	export MIGRATOR_TEST_POSTGRESQL_URL="postgresql://postgres:$$MIGRATOR_TEST_PASSWORD@$$postgresql/postgres"; \
	export MIGRATOR_TEST_MSSQL_URL="mssql+mssqlpython://sa:$$MIGRATOR_TEST_PASSWORD@$$mssql/master?TrustServerCertificate=yes"; \
	$(PYTEST)

lint: $(DEV) ## Run lint and strict typing.
	@echo "Checking style and types ..."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary

format: $(DEV) ## Format the code, and mend what lint can mend.
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

docs: $(DEV) ## Write the generated pages of the documentation.
	@$(BIN)/python docs/generate.py

bench: $(DEV) ## Measure the speed of whole runs.
	@$(PY) -m benchmarks

clean: ## Remove everything that was made here.
	@rm -rf $(VENV) .migrator demo .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is %d.%d. Name another one: make PYTHON=python3.12 ..." % v[:2])'
	@echo "Making the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUNTIME): pyproject.toml | $(PY)
	@echo "Installing ..."
	@$(PIP) install --editable .
	@touch $@

$(DEV): pyproject.toml | $(PY)
	@echo "Installing, with the tools for development ..."
	@$(PIP) install --editable '.[dev]'
	@touch $(RUNTIME) $@
