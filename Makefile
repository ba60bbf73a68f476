# Two commands on a fresh machine: `make run` and `make test`. All they need is Python 3.11 to 3.13, make and the
# package index; everything goes to .venv and .ashiato in this folder.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := domain projections commands queries services infra

# Nothing of the caller's environment may get into the virtual environment, or out of it.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without a home pip's cache would go to the root of the file system.
ifeq ($(strip $(HOME)),)
export PIP_NO_CACHE_DIR := 1
endif

# A command that is found may still not run (a version manager's shim), or lack what makes virtual environments.
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
FIND_PYTHON = for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	if "$$python" -c '$(FITS)' >/dev/null 2>&1; then echo "$$python"; exit; fi; \
done

PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-input --no-deps --require-hashes

##@ Use it

.PHONY: run
run: $(VENV)/.ready ## Start the program with demo companies on its own PostgreSQL
	@$(BIN)/ashiato run $(ARGS)

.PHONY: demo
demo: $(VENV)/.ready ## Fill an empty log with demo companies; ARGS="--events 100000"
	@$(BIN)/ashiato demo $(ARGS)

.PHONY: demo-seats
demo-seats: $(VENV)/.ready ## Print a company's year of seats with the reason for each; ARGS=--english
	@$(BIN)/ashiato demo-seats $(ARGS)

.PHONY: link
link: $(VENV)/.ready ## Print new links into the console of the program that runs
	@$(BIN)/ashiato link $(ARGS)

.PHONY: doctor
doctor: $(VENV)/.ready ## Look for what is wrong with the log and what is made of it
	@$(BIN)/ashiato doctor $(ARGS)

##@ Check it

# A process for each core, each with a PostgreSQL and a broker of its own: so no more than four.
TESTERS ?= logical

.PHONY: test
test: $(VENV)/.ready-dev ## Pass the tests; ARGS="-k seats" for some of them, TESTERS=0 in this process, for a debugger
	@$(BIN)/python -m pytest --numprocesses=$(TESTERS) --maxprocesses=4 --dist=loadscope $(ARGS)

.PHONY: lint
lint: $(VENV)/.ready-dev ## Check style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: bench
bench: $(VENV)/.ready-dev ## Measure it; the results go to bench/results.json
	@$(BIN)/python -m bench $(ARGS)

.PHONY: growth
growth: $(VENV)/.ready-dev ## Compute docs/scaling.md anew from the last results of the bench; ARGS="--seed 2" to print others
	@$(BIN)/python -m bench.growth $(or $(ARGS),--write)

.PHONY: bench-feed
bench-feed: $(VENV)/.ready-dev ## Let 500 readers listen at once; memory, processor time and how late they hear
	@$(BIN)/python -m bench.feed $(ARGS)

.PHONY: crowd-seats
crowd-seats: $(VENV)/.ready-dev ## Let 64 clients fight for seats for long, and recount them all
	@ASHIATO_CROWD_TURNS=40 $(BIN)/python -m pytest tests/queries/test_seats_in_a_crowd.py $(ARGS)

.PHONY: bench-dashboards
bench-dashboards: $(VENV)/.ready-dev ## Ask every dashboard of a million and of ten million events; ARGS="--sizes 50000 200000"
	@$(BIN)/python -m bench.dashboards $(ARGS)

.PHONY: bench-handover
bench-handover: $(VENV)/.ready-dev ## Hand over 5,000 open steps while others work, and say how long it took
	@$(BIN)/python -m bench.handover $(ARGS)

.PHONY: bench-evidence
bench-evidence: $(VENV)/.ready-dev ## Say what checkpoints cost, how long proofs take, and how fast a million events are verified
	@$(BIN)/python -m bench.evidence $(ARGS)

.PHONY: bench-exports
bench-exports: $(VENV)/.ready-dev ## Export a million events and verify them: pace and memory; ARGS="--events 50000"
	@$(BIN)/python -m bench.exports $(ARGS)

.PHONY: crowd
crowd: $(VENV)/.ready-dev ## Let 64 clients hand over, reassign and leave at random, and recount; ARGS="--seconds 600"
	@$(BIN)/python -m tests.duties $(ARGS)

.PHONY: kafka
kafka: $(VENV)/.ready-dev ## Start a Kafka broker for development, from Maven's artefacts (Java 17)
	@$(BIN)/python -m tests.broker

.PHONY: faults
faults: $(VENV)/.ready-dev ## Kill relays, projectors, Kafka and PostgreSQL 50 times over 50,000 events, and recount
	@$(BIN)/python -m tests.faults.kafka $(ARGS)

.PHONY: soak
soak: $(VENV)/.ready-dev ## Load it for long while parts of it are killed, and check every guarantee
	@$(BIN)/python -m tests.faults.soak $(ARGS)

##@ Keep it

.PHONY: setup
setup: $(VENV)/.ready-dev ## Make .venv with all that development needs

.PHONY: lock
lock: $(VENV)/.ready-dev ## Write the lock files anew; UPGRADE=--upgrade for newer versions
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(PINS) requirements.lock > $(VENV)/pins
	@$(COMPILE) pyproject.toml --extra dev -c $(VENV)/pins -o requirements-dev.lock
	@$(PINS) requirements-dev.lock > $(VENV)/pins
	@$(COMPILE) --group build -c $(VENV)/pins -o requirements-build.lock

# Names and versions alone: with the markers of some, uv looks for packages of interpreters that we do not support.
PINS = sed -n 's/^\([a-z][^ ]*==[^ ]*\) .*/\1/p'
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: clean
clean: ## Remove what was made here, except the data in .ashiato
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache bench/build build dist
	find $(PACKAGES) tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Say what can be made
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# The stamps: each is newer than what it was made from, so that a second `make` starts at once.

$(BIN)/python:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "expected Python 3.11, 3.12 or 3.13 with its venv module, but found none;" >&2; \
		echo "install it (Debian: apt install python3-venv) or name it: make PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi; \
	echo "making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)

$(VENV)/.ready: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo "installing what the program needs (once; a minute or two)"
	@$(PIP_INSTALL) -r requirements-build.lock
	@$(PIP_INSTALL) -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-input --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "installing what the tests need"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@
