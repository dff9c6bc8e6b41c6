# Everything a checkout needs: Python 3.11 or later, git and make. The first target run makes .venv here.
#
#   make demo     the router, simulated carriers and customers on this machine
#   make test     all tests                     (PYTEST_ARGS="tests/wire -x" for some of them)
#   make lint     format and style              make types   static types
#   make ci       what the CI runs              make bench   the benchmarks
#   make install  only the virtual environment  make format  ruff, rewriting

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTEST_ARGS ?=
# A process for each core, and those that are done first take over from the others; PYTEST_ARGS="-n 0" for one.
PYTEST_PROCESSES ?= -n auto --maxprocesses 8 --dist worksteal

.PHONY: install demo test coverage lint types ci bench format clean
.DEFAULT_GOAL := test

install: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/python -m smpp_router demo

test: $(INSTALLED)
	$(BIN)/python -m pytest $(PYTEST_PROCESSES) $(PYTEST_ARGS)

coverage: $(INSTALLED)
	$(BIN)/python -m pytest --cov --cov-report=term $(PYTEST_ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/pyright --pythonpath $(BIN)/python

ci:
	.ci/run

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.codec
	$(BIN)/python -m benchmarks.throughput

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV)

# The stamp is newer than pyproject.toml as long as nothing has to be installed.
$(INSTALLED): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed and was not found; try make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@
