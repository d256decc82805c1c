# `make demo` and `make test` are the two commands; everything else serves them.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.PHONY: demo test soak check bench lock install reference clean

demo: install
	$(BIN)/portal demo $(ARGS)

test: install
	$(BIN)/python -m pytest -n $(WORKERS) tests verifier/tests $(ARGS)

soak: install
	PORTAL_SOAK=1 $(BIN)/python -m pytest -n $(WORKERS) tests verifier/tests $(ARGS)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict workflows
	cd verifier && ../$(BIN)/mypy --strict trusted_access
	$(BIN)/mypy portal
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m bench $(ARGS)

# Pages in docs/reference/ are printed from the code; a test compares them.
reference: install
	$(BIN)/python -m docs.reference.generate

install: $(STAMP)

$(STAMP): requirements.lock setup.cfg verifier/setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e ./verifier -e .
	touch $(STAMP)

# Resolve requirements.lock anew, with hashes of every file that the index serves.
lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --python-version 3.11 --universal --generate-hashes --no-header \
	    --no-annotate --no-strip-extras --no-emit-index-url --no-emit-find-links --extra test --upgrade \
	    setup.cfg requirements.in verifier/requirements.in -o requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
