# Python 3.11 or later with venv, and make: nothing else is needed. `make help` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
export PIP_NO_WARN_SCRIPT_LOCATION = 1
PYTEST_WORKERS ?= auto
# makemigrations would like to look into a database; it needs none.
MANAGE = DJANGO_SETTINGS_MODULE=roadworthy.config.settings $(BIN)/python -W ignore::RuntimeWarning -m django
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --no-header --upgrade

CHECKS = check-format check-lint check-types check-imports check-migrations check-messages \
	check-lengths check-docs

.PHONY: help python demo demo-federation up test test-slow mutation check $(CHECKS) format lock docs messages migrations schema clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

python: # Print the Python that is used.
	@echo "$(PYTHON)"

demo: $(VENV)/base.stamp ## Take a real update through the whole loop; EXIT=1 ends by itself.
	$(BIN)/roadworthy demo $(if $(EXIT),--exit)

demo-federation: $(VENV)/base.stamp ## The loop between four deployments on this machine; EXIT=1 ends by itself.
	$(BIN)/roadworthy demo-federation $(if $(EXIT),--exit)

up: $(VENV)/base.stamp ## Run portals, gateway and worker until Ctrl-C.
	@exec $(BIN)/roadworthy up

test: $(VENV)/dev.stamp ## Run the tests but the slow ones (ARGS="-k trace" passes arguments on).
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow" $(ARGS)

test-slow: $(VENV)/dev.stamp ## Run the slow tests: browsers, killed processes, clusters, back-ups. CI runs both.
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder -m slow $(ARGS)

mutation: $(VENV)/mutation.stamp ## Change the law's code, one thing at a time, under its tests (docs/mutation.md).
	$(BIN)/mutmut run $(if $(WORKERS),--max-children $(WORKERS)) $(ARGS)
	$(BIN)/mutmut results

check: $(CHECKS) ## Run every check that is not a test (make -k goes on after the first failure).

$(CHECKS): $(VENV)/dev.stamp
check-format:
	$(BIN)/ruff format --check --quiet .
check-lint:
	$(BIN)/ruff check --output-format concise .
check-types:
	$(BIN)/mypy
check-imports:
	$(BIN)/lint-imports
check-migrations:
	$(MANAGE) makemigrations --check --dry-run
check-messages:
	$(BIN)/python scripts/messages.py
check-lengths:
	$(BIN)/python scripts/lengths.py
check-docs:
	$(BIN)/python scripts/reference.py --check

format: $(VENV)/dev.stamp ## Format the code and repair what a linter can repair.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/dev.stamp ## Take the newest versions and write them down with their hashes.
	$(UV_COMPILE) requirements/build.in -o requirements/build.txt
	$(UV_COMPILE) requirements/base.in -o requirements/base.txt
	$(UV_COMPILE) requirements/dev.in -c requirements/base.txt -o requirements/dev.txt
	$(UV_COMPILE) --no-deps requirements/images.in -o requirements/images.txt
	$(UV_COMPILE) --no-deps requirements/images-dev.in -c requirements/images.txt -o requirements/images-dev.txt
	$(UV_COMPILE) requirements/mutation.in -c requirements/dev.txt -o requirements/mutation.txt

docs: $(VENV)/dev.stamp ## Write docs/reference out of the code.
	$(BIN)/python scripts/reference.py

schema: $(VENV)/dev.stamp ## Write src/roadworthy/config/schema.sql out of the migrations.
	$(BIN)/python -W ignore::RuntimeWarning scripts/schema.py

messages: $(VENV)/dev.stamp ## Collect the texts to translate; say which are missing.
	$(BIN)/python scripts/messages.py --write

migrations: $(VENV)/dev.stamp ## Write a migration for changed models: NAME=what_changes.
	@test -n "$(NAME)" || { echo "Give it a name: make migrations NAME=what_changes"; exit 2; }
	$(MANAGE) makemigrations --name $(NAME)

clean: ## Remove the virtual environment and what tools left behind.
	rm -rf $(VENV) build mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache src/*.egg-info

# Reinstalled only when a lock changes. The package itself is installed so that it always is what
# the checkout holds; its dependencies come from the lock alone.
$(VENV)/python.stamp:
	@test -n "$(PYTHON)" || { echo "Roadworthy needs Python 3.11 or later with venv" \
		"(Debian: apt install python3-venv); or say which: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/base.stamp: requirements/build.txt requirements/base.txt pyproject.toml $(VENV)/python.stamp
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/base.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt requirements/images-dev.txt $(VENV)/base.stamp
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --require-hashes --no-deps -r requirements/images-dev.txt
	@touch $@

$(VENV)/mutation.stamp: requirements/mutation.txt $(VENV)/dev.stamp
	$(PIP) install --require-hashes -r requirements/mutation.txt
	@touch $@
