# Front door: `make` lists what can be done. Nothing needs to be set up by hand.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PARAMS ?= params/default.yaml
ENGINE ?= auto
PY := .venv/bin/python
READY := .venv/requirements.lock
# Where this is set, each process would compile every library anew, a second or more each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup lab data models reports slides check-data test test-fast coverage verify bench check docs wheelhouse lock clean

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo '  make reports KECAMATAN="Patrang Silo"   only these (names or codes)'
	@echo '  make reports PARAMS=params/other.yaml   another run'

# Rebuilt only when the lock's content changes; a new date alone changes nothing.
$(READY): requirements.lock pyproject.toml
	@if cmp -s requirements.lock $@; then touch $@; else bash scripts/setup.sh; fi

setup: $(READY) ## Build the environment in .venv (done by every other target when needed)

lab: $(READY) ## Open JupyterLab on the notebooks
	$(PY) -m jupyterlab --notebook-dir=notebooks

check-data: $(READY) ## Say what is recognised in the raw files, before anything is built
	$(PY) -m analysis check --params $(PARAMS)

data: $(READY) ## Clean the raw files (notebook 1)
	@$(PY) -m analysis data --params $(PARAMS)

models: $(READY) ## Estimates, determinants, review (notebooks 2 to 4)
	@$(PY) -m analysis models --params $(PARAMS)

reports: $(READY) ## Everything, up to the briefs in reports/out/
	@$(PY) -m analysis reports --params $(PARAMS) --engine $(ENGINE) $(KECAMATAN)

slides: $(READY) ## Slides for the meeting (PPTX and PDF); KECAMATAN adds theirs
	@$(PY) -m analysis slides --params $(PARAMS) $(KECAMATAN)

test: $(READY) ## All tests
	@bash scripts/browser.sh
	$(PY) -m pytest -q -n 2 --dist worksteal

test-fast: $(READY) ## The tests that take under a minute
	$(PY) -m pytest -q -n 2 --dist worksteal -m "not slow and not browser"

coverage: $(READY) ## All tests, with the share of src/ they run (at least 95 %)
	@bash scripts/browser.sh
	$(PY) -m pytest -q -n 2 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=95

verify: $(READY) ## Build everything twice and compare every byte
	@$(PY) -m analysis verify --params $(PARAMS)

bench: $(READY) ## Timings, printed; never part of the tests
	@for file in benchmarks/*.py; do echo "== $$file"; $(PY) $$file; done

check: $(READY) ## Lint, format and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

docs: $(READY) ## Reference pages from the code, and the documentation as a site/
	$(PY) -m analysis docs
	$(PY) scripts/build_docs.py

wheelhouse: $(READY) ## Collect all packages in wheelhouse/, to set up a machine without a network
	@bash scripts/wheelhouse.sh

lock: $(READY) ## Resolve dependencies anew into requirements.lock
	.venv/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
	  --no-header --all-extras --upgrade pyproject.toml --output-file requirements.lock

clean: ## Remove what is made by code (raw files and environment stay)
	rm -rf reports/out reports/build data/raw/sample site
	find data/processed -mindepth 1 -not -name README.md -delete
