# make demo, make test and make lint need Python >= 3.11 and make; they build their own environment in .venv.
PYTHON ?= python3
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE  # without it each of a thousand processes compiles the program anew

.PHONY: demo test test-long lint messages interop proof mutants bench bench-full lock audit clean

demo: .venv/ready
	@$(BIN)/ballerup demo

# What is promised, in less than four minutes on two quiet cores; and what takes longer. Both belong to the whole check.
test: .venv/ready
	$(BIN)/pytest -m "not long"

test-long: .venv/ready
	$(BIN)/pytest -m long

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Another implementation of age opens our files and we open its; the public vectors, from the package registry; another
# engine adds up Parquet files, another library reads the report's PDF; and, where chromium is installed, a browser with
# an accessibility checker opens the report.
interop: .venv/ready
	npm ci --prefix tests/interop
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement tests/interop/requirements.txt
	node tests/interop/vectors.mjs tests/interop/node_modules/.vectors
	INTEROP=1 $(BIN)/pytest tests/interop tests/storage/test_age.py

# The long campaigns against crashes, kills, faults, attacks, leaks and hostile bytes, and docs/reliability.md about them.
# CAMPAIGNS="kills=500 attacks" runs only those; atheris, if it is installed, guides the fuzzing.
proof: .venv/ready
	nice $(BIN)/python -m proof --seed $(or $(SEED),1) $(CAMPAIGNS)

# Small changes of one module, each held against the tests named: what survives is a test that is missing.
# make mutants MODULE=ballerup_cli/core/periods.py TESTS=tests/core/test_clocks.py
mutants: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check cosmic-ray
	mkdir -p .mutants
	printf '[cosmic-ray]\nmodule-path = "$(MODULE)"\ntimeout = 60.0\nexcluded-modules = []\ntest-command = "$(BIN)/pytest -n 0 -x $(TESTS)"\n[cosmic-ray.distributor]\nname = "local"\n' > .mutants/run.toml
	$(BIN)/cosmic-ray init --force .mutants/run.toml .mutants/run.sqlite
	nice $(BIN)/cosmic-ray exec .mutants/run.toml .mutants/run.sqlite
	$(BIN)/cr-report --surviving-only .mutants/run.sqlite

# How fast it is, beside other programs: small stores in some minutes; those of up to 100,000 cases in some hours, and a
# size that this revision has measured here is not measured again. taskwarrior, pass, gpg, age, sqlcipher and strace are
# taken along where they are installed. Both write bench/results.json and docs/performance.md.
bench: .venv/ready .venv/peers/ready
	$(BIN)/python -m bench --patience 2

bench-full: .venv/ready .venv/peers/ready
	$(BIN)/python -m bench --resume 0 1000 10000 100000

.venv/peers/ready: .venv/ready
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check todoman jrnl sqlite-utils pyrage
	@touch $@

# What a deployment installs, with every digest: `pip install --require-hashes -r requirements.lock`; its licences and
# its bill of materials.
lock: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile setup.cfg --quiet --extra charts --extra docx --extra paper --extra pdf --extra xlsx --generate-hashes --python-version 3.11 \
		--python-platform linux --no-emit-index-url --no-header --no-annotate --upgrade -o requirements.lock > /dev/null
	$(BIN)/python tests/supply.py

# Holds what is locked against a list of known flaws: a public one on the network, which must know every package, or a
# copy of one: `make audit OSV=all.zip` (tests/flaws.py).
audit: .venv/ready
ifdef OSV
	$(BIN)/python tests/flaws.py $(OSV)
else
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv/audit/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict
endif

.venv/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

# Collects the texts of the sources into the Danish catalogue and compiles it. Translate what is new in
# ballerup_cli/locale/da/LC_MESSAGES/ballerup.po and run it once more.
messages: .venv/ready
	$(BIN)/python tests/catalogue.py

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
