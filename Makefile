# Only Python 3.11+, make and PyPI are assumed. `make run` is all a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
, := ,
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
BENCH := .venv/.bench-installed

# As on a real machine, for `check --deploy`; the keys are made for this one run.
DEPLOYED = DEBUG=off PUBLIC_URL=https://pay.example.com ALLOWED_HOSTS=pay.example.com \
	MERCADO_PAGO_API_URL=https://api.mercadopago.com MERCADO_PAGO_AUTH_URL= \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	FIELD_ENCRYPTION_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')

.PHONY: install run demo test fuzz schemathesis chaos faults soak exercise bench bench-receipts bench-growth bench-footprint bench-admin bench-webhook bench-worker screenshots check audit messages lock

run: $(RUNTIME)  ## everything in the foreground, with demo data; WEB_PORT and SIMULATOR_PORT change the ports
	@test -e .env || cp .env.example .env
	@exec $(BIN)/python manage.py run_stack

demo: $(RUNTIME)  ## the nine steps, unattended, on free ports and throw-away data
	@DEBUG=on exec $(BIN)/python manage.py play_demo

test: $(DEVELOPMENT)  ## all tests; on embedded defaults unless DATABASE_URL and REDIS_URL say otherwise
	$(BIN)/pytest -n auto --maxprocesses=8 --dist=worksteal $(ARGS)

fuzz: $(DEVELOPMENT)  ## the stateful property test, nightly-style: random, EXAMPLES (2000) of STEPS (50)
	FUZZ_EXAMPLES=$(or $(EXAMPLES),2000) FUZZ_STEPS=$(or $(STEPS),50) $(BIN)/pytest tests/fuzz -s $(ARGS)

schemathesis: $(DEVELOPMENT)  ## MINUTES (10) of whatever the API's schema allows and forbids, random, over HTTP
	SCHEMATHESIS_MINUTES=$(or $(MINUTES),10) $(BIN)/pytest tests/schema/test_schemathesis.py -s $(ARGS)

chaos: $(DEVELOPMENT)  ## ORDERS (1000) through the simulator in the worst of weathers; prints the tally
	@exec $(BIN)/python -m tests.end_to_end --orders $(or $(ORDERS),1000)

exercise: $(DEVELOPMENT)  ## what Dockerfile, compose.yaml and the units say, run up to a receipt; needs DATABASE_URL and REDIS_URL
	@exec $(BIN)/python -m tests.deploy

faults: $(DEVELOPMENT)  ## each fault of tests/faults on servers of its own; ARGS="--only redis" for some; needs PostgreSQL's and Redis's programs
	@exec $(BIN)/python -m tests.faults $(ARGS)

soak: $(DEVELOPMENT)  ## MINUTES (60) of POS (200) points of sale in bad weather: memory, connections, differences; the same programs
	@exec $(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),60) --pos $(or $(POS),200) $(ARGS)

bench-receipts: $(DEVELOPMENT)  ## PDFs a second, memory over 10,000 receipts, from notification to receipt; ARGS=pdf for one
	@exec $(BIN)/python -m bench.receipts $(ARGS)

screenshots: $(DEVELOPMENT)  ## all pictures of the handbook, anew; ARGS="home board" for some; needs a chromium
	@exec $(BIN)/python -m docs.screenshots $(ARGS)

bench-growth: $(DEVELOPMENT)  ## poll, sale, settlement and pages with SIZES (1e3,1e5,1e6) orders side by side; their plans go into the docs
	@exec $(BIN)/python -m bench.growth --sizes $(or $(SIZES),1e3$(,)1e5$(,)1e6) --rounds $(or $(ROUNDS),20) --report docs/performance-growth.md $(ARGS)

bench-footprint: $(DEVELOPMENT)  ## how soon the web answers; memory of web and worker after MINUTES (60) of sales
	@exec $(BIN)/python -m bench.footprint --minutes $(or $(MINUTES),60) $(ARGS)

bench-admin: $(DEVELOPMENT)  ## pages of the back-office with ORDERS (1000000) orders on PostgreSQL, ROUNDS (20) times
	@exec $(BIN)/python -m bench.admin --orders $(or $(ORDERS),1000000) --rounds $(or $(ROUNDS),20) $(ARGS)

bench-webhook: $(DEVELOPMENT)  ## what a delivery costs beside a bare view, and what it takes while Redis is away; needs wrk
	@exec $(BIN)/python -m bench.webhook $(ARGS)

bench-worker: $(DEVELOPMENT)  ## what following a payment costs beside a bare task, how soon, how many, beside waiting receipts
	@exec $(BIN)/python -m bench.worker $(ARGS)

check: export DEBUG := on
check: $(DEVELOPMENT)  ## every static check that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn > /dev/null
	$(BIN)/python manage.py check
	$(DEPLOYED) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m pip check

audit: $(DEVELOPMENT)  ## known holes in what we depend on; fails when there is one, and says so when nobody could be asked
	$(BIN)/python .ci/audit.py requirements.txt requirements-dev.txt bench/requirements.txt

install: $(DEVELOPMENT)  ## only make .venv

bench: $(BENCH)  ## poll, webhook and worker beside what one would otherwise build; rewrites docs/performance.md
	@for program in wrk node npm; do command -v $$program > /dev/null || { echo "make bench needs $$program"; exit 2; }; done
	@npm ci --silent --no-audit --no-fund --prefix bench/express
	@exec $(BIN)/python -m bench $(ARGS)

lock:  ## pin anew what pyproject.toml asks for (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra development -c requirements.txt pyproject.toml -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra bench -c requirements-dev.txt pyproject.toml -o bench/requirements.txt
	npm install --prefix bench/express --package-lock-only --omit-lockfile-registry-resolved=true --no-audit --no-fund

messages: $(DEVELOPMENT)  ## compile the translations
	$(BIN)/pybabel -q compile -D django -d locale

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

$(RUNTIME): .venv/bin/python requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): .venv/bin/python requirements-dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(RUNTIME)

$(BENCH): $(DEVELOPMENT) bench/requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@
