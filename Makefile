# Every recipe is one line. `make run` and `make test` set up all they need; the rest is for the inner loop.
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --all-extras --group build
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r
WORKERS ?= 3
# Compiled modules are kept, even where an image says not to: each worker, and each process a test starts, would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test thorough test-fast fast e2e check lint types mutation bench fmt lock clean

run: .venv/runtime ## start the bot on its embedded default
	@$(BIN)/helpdesk-bot up

test: .venv/dev check ## every check and every test
	$(BIN)/pytest -n $(WORKERS)

thorough: .venv/dev ## every test, and of what is drawn at random all that docs/ has figures of
	THOROUGH=1 $(BIN)/pytest -n $(WORKERS)

test-fast: lint ## the inner loop: types are checked while the tests run
	@$(MAKE) --no-print-directory -j2 types fast

fast: .venv/dev
	$(BIN)/pytest -n $(WORKERS) -m "not slow"

e2e: .venv/dev .venv/clients ## with real counterparts: a browser, Microsoft's playground, a Drive emulator, a model server; says what is missing
	MYWORLD=$(CURDIR)/.venv/myworld/bin/myworld $(BIN)/pytest -n $(WORKERS) -rs tests/e2e tests/integration/test_google_drive_emulator.py

check: lint types ## format, lint, imports, dependencies, types

lint: .venv/dev
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/lint-imports && $(BIN)/deptry src connectors knowledge

types: .venv/dev
	$(BIN)/pyright

mutation: .venv/dev ## takes each control away in a copy: its tests must fail then; goes on where it was stopped
	nice $(BIN)/python -m tests.security.mutation

bench: .venv/dev .venv-peers/ready ## timings, each as a ratio beside a peer
	$(BIN)/python -m tests.bench

fmt: .venv/dev ## format and fix what can be fixed
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: .venv/dev ## resolve all dependencies anew
	$(LOCK) pyproject.toml -o requirements.lock && $(LOCK) --group dev pyproject.toml -o requirements-dev.lock && $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links infra/bootstrap.in -o infra/bootstrap.lock

clean: ## forget the virtual environments, keep the data
	rm -rf .venv .venv-peers

.venv/uv: infra/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 ...")' && $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --require-hashes -r infra/bootstrap.lock && touch $@

.venv/runtime: requirements.lock pyproject.toml .venv/uv
	@echo "Setting up .venv (about a minute on the first run) ..." && $(INSTALL) requirements.lock && $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . && touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	@$(INSTALL) requirements-dev.lock && touch $@

.venv-peers/ready: tests/bench/peers/requirements.lock .venv/uv
	@$(PYTHON) -m venv .venv-peers && $(BIN)/uv pip install --quiet --python .venv-peers/bin/python --require-hashes -r tests/bench/peers/requirements.lock && touch $@

.venv/clients: tests/e2e/teams/package-lock.json tests/e2e/aimock/package-lock.json tests/e2e/clients.lock tests/unit/infra/charts.lock .venv/uv
	@$(BIN)/python infra/teams/install_playground.py && $(BIN)/python -m infra.install_aimock && $(PYTHON) -m venv .venv/myworld && $(BIN)/uv pip install --quiet --python .venv/myworld/bin/python --require-hashes -r tests/e2e/clients.lock && $(PYTHON) -m venv .venv/charts && $(BIN)/uv pip install --quiet --python .venv/charts/bin/python --require-hashes -r tests/unit/infra/charts.lock && touch $@
