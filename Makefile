# `make` lists the targets. Needs Python 3.11 or newer, git and make; the rest goes into .venv.

BIN := .venv/bin
STAMP := .venv/.stamp
JOBS ?= auto
ARGS ?=
BUILD ?=
STEPS ?= 20000

# An idea is a person's text: taken as it stands, never expanded by make or read by the shell as code.
override IDEA := $(value IDEA)
override IDEA_FILE := $(value IDEA_FILE)
export IDEA IDEA_FILE
# The programs started here may run other makefiles; this call's options are none of theirs.
unexport MAKEFLAGS MAKEOVERRIDES MFLAGS

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak chaos check lint types imports workflows bench docs generate lock audit build vendor \
	contracts clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## build .venv from the locks (PYTHON= picks the interpreter)

# Every script in .venv names the place where it was made: one that was moved or copied is made anew.
ifneq ($(shell cat .venv/.root 2> /dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

$(STAMP): requirements/bootstrap.txt requirements/dev.txt pyproject.toml tools/setup.sh
	@bash tools/setup.sh
	@touch $@

demo: $(STAMP) ## one project from idea to finish on this machine (IDEA= or IDEA_FILE= for your own)
	@$(BIN)/orchestrator demo $${IDEA:+"--idea=$$IDEA"} $${IDEA_FILE:+"--idea-file=$$IDEA_FILE"}

test: $(STAMP) ## run the whole test suite (ARGS= goes to pytest, JOBS= is the number of processes)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --inline-snapshot=disable $(ARGS)

soak: $(STAMP) ## the state machine and the core's properties for longer, other lives each time (STEPS=, default 20000)
	MACHINE_STEPS=$(STEPS) HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n $(JOBS) -rP tests/machine tests/core $(ARGS)

chaos: $(STAMP) ## a fleet at work while nearly everything goes wrong (ARGS= goes to it: --seed, --tasks)
	PYTHONPATH=. $(BIN)/python -m tests.chaos.run $(ARGS)

check: lint types imports workflows ## everything that judges the code without running it

lint: $(STAMP) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

imports: $(STAMP) ## imports point one way
	$(BIN)/lint-imports

workflows: $(STAMP) ## audit and validate the workflows and actions
	$(BIN)/zizmor --offline --quiet .github action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml .github/actions/*/action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.readthedocs .readthedocs.yaml

bench: $(STAMP) ## measure (ARGS= goes to the benchmarks)
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(STAMP) ## the documentation as a site in build/docs; a dead link or a page without a place fails
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --fresh-env --builder html docs build/docs
	@echo "open build/docs/index.html"

# dev.txt is resolved first; the others take their versions from it, so that what ships is what was tested.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

generate: $(STAMP) ## write what is derived from the code: state template, schemas, command page
	@PYTHONPATH=. $(BIN)/python tools/generate.py

lock: $(STAMP) ## resolve the locks anew after a change of the dependencies (UPGRADE=1: newest versions)
	$(COMPILE) pyproject.toml --extra dev --output-file requirements/dev.txt
	$(COMPILE) requirements/bootstrap.in --constraints requirements/dev.txt --output-file requirements/bootstrap.txt
	$(COMPILE) requirements/command.in --constraints requirements/dev.txt --output-file requirements/command.txt
	$(COMPILE) requirements/docs.in --constraints requirements/dev.txt --output-file requirements/docs.txt
	$(COMPILE) requirements/dashboard.in --constraints requirements/dev.txt --output-file requirements/dashboard.txt
	$(COMPILE) requirements/outside.in --constraints requirements/dev.txt --output-file requirements/outside.txt
	$(COMPILE) requirements/worker.in --constraints requirements/dev.txt --output-file requirements/worker.txt
	$(COMPILE) requirements/audit.in --constraints requirements/dev.txt --output-file requirements/audit.txt

audit: ## ask for known vulnerabilities in what the locks name (needs the network)
	@bash tools/audit.sh

build: $(STAMP) ## the packages and their bills of materials into dist/ (BUILD= goes to it: --out, --tag)
	@$(BIN)/python tools/build.py $(BUILD)

vendor: ## copy the scripts for browsers from npm (versions: tools/vendor/package.json)
	@python3 tools/vendor.py

contracts: $(STAMP) ## take what the tests judge by from GitHub's descriptions on npm (versions: tools/contracts/package.json)
	@$(BIN)/python -m tools.contracts

clean: ## remove .venv and everything that tools left behind
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find bot tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +
