# make run starts the product; make test proves it. Everything else is a part of these two.
#   PORT=8000  HOST=127.0.0.1  DATA=.data     where it listens and keeps its data
#   LAN=1                                     phones in the same network too, with TLS (server/README.md)
#   ARGS="tests/web -k static"                arguments for pytest
#   SEEDS=20 SEED_BASE=1 DEVICES=5 OPS=200 DB=sqlite|postgresql|both     what make sim plays
#   JOBS=auto                                 tests, or seeds of make sim, at the same time: one for each core
PYTHON ?= python3
PORT   ?= 8000
HOST   ?= 127.0.0.1
DATA   ?= .data
LAN    ?=
ARGS   ?=
SEEDS     ?= 20
SEED_BASE ?= 1
DEVICES   ?= 5
OPS       ?= 200
DB        ?= sqlite
JOBS   ?= auto

export CARAVAN_PORT := $(PORT)
export CARAVAN_HOST := $(HOST)
export CARAVAN_DATA := $(DATA)
export CARAVAN_WEB  := .build/web

PY := .venv/bin/python

.PHONY: run test sim mutants codes demo-reset bench web apk ipa lint clean env help
.DEFAULT_GOAL := help

help:
	@echo "make run         start the server with demo data and print its address"
	@echo "make run LAN=1   the same for phones in this network: address, QR code and how to trust it"
	@echo "make test        run every test (needs Chromium)"
	@echo "make codes       show the demo users' sign-in codes"
	@echo "make demo-reset  replace the demo data (asks first)"
	@echo "make sim         try to break the sync engine: SEEDS=$(SEEDS) SEED_BASE=$(SEED_BASE) DEVICES=$(DEVICES) OPS=$(OPS) DB=$(DB)"
	@echo "make mutants     break the engine on purpose: the simulator or a test must notice each time"
	@echo "make bench       measure: one JSON line per figure"
	@echo "make web         build the web app into .build/web"
	@echo "make apk | ipa   build the Android or iOS app (needs the Flutter SDK; ARGS go to flet build)"
	@echo "make lint        check the style"
	@echo "make clean       remove what was built (data in $(DATA) stays)"

env:
	@command -v $(PYTHON) >/dev/null || { echo "caravan: $(PYTHON) was not found: install Python 3.11 or later, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) server/ops/bootstrap.py env

web: env
	@$(PY) -m mobile.web.build --out $(CARAVAN_WEB)

apk ipa: env
	@$(PY) -m mobile.web.build --native $@ $(ARGS)

run: web
	@exec .venv/bin/caravan serve --demo $(if $(filter 1 yes true,$(LAN)),--lan)

codes: env
	@.venv/bin/caravan codes

demo-reset: env
	@.venv/bin/caravan demo-reset

test: web
	@$(PYTHON) server/ops/bootstrap.py chromium
	@$(PY) -m pytest -p no:cacheprovider -n $(JOBS) --no-loadscope-reorder $(ARGS)

sim: env
	@$(PY) -m tests.sim --seeds $(SEEDS) --seed-base $(SEED_BASE) --devices $(DEVICES) --ops $(OPS) --db $(DB) --jobs $(JOBS) $(ARGS)

mutants: env
	@$(PY) -m tests.sim.mutation $(ARGS)

bench: env
	@$(PY) -m tests.bench $(ARGS)

lint: env
	@$(PY) -m ruff check .
	@$(PY) -m mypy --strict shared sync

clean:
	@rm -rf .build .venv .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
