# Everything a person or a machine does with this project. `make help` lists it.
# Needs Python >= 3.11 and node; everything else is installed inside this folder.

# Lambda runs 3.13: that Python if there is one (pyenv's too), otherwise the one that is there.
ifndef PYTHON
PYTHON := $(shell for p in python3.13 ~/.pyenv/versions/3.13*/bin/python3.13; do \
	"$$p" -c '' 2>/dev/null && echo "$$p" && exit; done; echo python3)
endif
ENV ?= dev
PHOTOS ?= samples/*.jpg
export ECHOES_PORT ?= 4566
# Majors of node that work although CDK's bridge to node announces their end of life at each start.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

BIN := .venv/bin
RUN := PYTHONPATH=layers/core/python:. $(BIN)/python
UV := $(BIN)/uv pip install --quiet --require-hashes --no-build
PYTEST := $(BIN)/pytest -q

.DEFAULT_GOAL := help
.PHONY: help setup demo up down status reset test test-quick test-unit test-infra test-contract \
	test-contract-memory test-integration test-e2e check lint types contracts openapi synth bench \
	deploy destroy layers lock clean

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

# --- setting up ---------------------------------------------------------------------------------

setup: .venv/.ready .venv-cloud/.ready ## Install the pinned tools inside this folder

.venv/.ready: requirements/uv.txt requirements/dev.txt
	@echo "Installing the development environment into .venv …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Echoes needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@$(PYTHON) -c 'import sys; sys.version_info[:2] == (3, 13) or print("Python", sys.version.split()[0], "instead of 3.13, which runs on AWS: tests prove nothing about that one, and layers have no byte code unless a 3.13 is found.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) --python $(BIN)/python -r requirements/dev.txt
	@touch $@

.venv-cloud/.ready: .venv/.ready requirements/cloud.txt
	@echo "Installing the local cloud into .venv-cloud …"
	@test -x .venv-cloud/bin/python || $(PYTHON) -m venv --without-pip .venv-cloud
	@$(UV) --python .venv-cloud/bin/python -r requirements/cloud.txt
	@touch $@

.venv-bench/.ready: .venv/.ready requirements/bench.txt
	@echo "Installing what the benchmarks compare with into .venv-bench …"
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv --without-pip .venv-bench
	@$(UV) --python .venv-bench/bin/python -r requirements/bench.txt
	@touch $@

node_modules/.ready: package.json package-lock.json
	@npm ci --silent --no-fund --no-audit
	@touch $@

layers: setup ## Build the layers for the local machine
	@$(RUN) -m tools.layers --target local

# --- running ------------------------------------------------------------------------------------

demo: up ## The main job: photos to a film with music, on the local cloud. PHOTOS='path/*.jpg' for your own
	@$(RUN) -m dev.demo $(PHOTOS)

up: setup layers ## Start the local cloud, or bring a running one up to date
	@$(RUN) -m dev.cloud up

down: setup ## Stop the local cloud; its data stay
	@$(RUN) -m dev.cloud down

status: setup ## Say what runs where
	@$(RUN) -m dev.cloud status

reset: setup ## Stop the local cloud and forget its data
	@$(RUN) -m dev.cloud reset

# --- checking -----------------------------------------------------------------------------------

test: test-unit test-infra test-contract test-integration test-e2e ## All tests

test-quick: test-unit ## What needs no local cloud, in a minute and a half
	@$(MAKE) --no-print-directory --jobs 2 test-infra test-contract-memory

test-unit: setup ## Rules, use cases, routes: sockets off, in seconds
	@$(PYTEST) -n 2 tests/unit --disable-socket --allow-unix-socket

test-infra: setup ## The synthesised templates and the workflow, read as data
	@$(PYTEST) tests/infra

test-contract: setup ## Fakes and real adapters through the same cases
	@$(PYTEST) -n 2 tests/contract

test-contract-memory: setup ## The same, as far as nothing needs an emulated AWS
	@$(PYTEST) -n 2 tests/contract -m "not emulator"

test-integration: setup layers ## The local cloud's fixes, races on the real tables
	@$(PYTEST) tests/integration

test-e2e: setup layers node_modules/.ready ## The deployed system, on a local cloud of its own
	@$(RUN) -m tests.e2e

check: lint types contracts openapi synth ## All checks that run no test

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

contracts: setup
	@PYTHONPATH=layers/core/python:. $(BIN)/lint-imports

openapi: setup
	@$(RUN) -m tools.openapi --check

synth: setup node_modules/.ready ## Synthesise the templates of dev and prod, cdk-nag included
	@$(RUN) -m tools.layers --target lambda
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx cdk synth --quiet --no-notices -c env=dev --output cdk.out/dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx cdk synth --quiet --no-notices -c env=prod --output cdk.out/prod

bench: setup layers .venv-bench/.ready ## Benchmarks: ratios measured side by side
	@for b in tests/benchmarks/bench_*.py; do echo "== $$b"; $(RUN) $$b || exit 1; done

# --- a real account -----------------------------------------------------------------------------

deploy: setup node_modules/.ready ## Deploy to a real account: make deploy ENV=dev (docs/deploy.md)
	@$(RUN) -m tools.layers --target lambda --for-deployment
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx cdk deploy Data -c env=$(ENV)
	@$(RUN) -m tools.publish_music $(ENV)  # functions that know new tracks must find them
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx cdk deploy --all -c env=$(ENV)

destroy: setup node_modules/.ready ## Remove the deployed stacks; stateful things are kept in prod
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx cdk destroy --all -c env=$(ENV)

lock: setup ## Resolve all dependencies anew and pin them
	@$(RUN) -m tools.lock

clean: down ## Remove what was installed and built
	rm -rf .venv .venv-cloud .venv-bench .local cdk.out node_modules layers/compiled layers/vendor layers/video
