# make demo    everything from a fresh clone, running; Ctrl-C stops it        PORT=8000 DATABASE_URL=… REDIS_URL=…
# make test    everything from a fresh clone, then all checks and tests       make test-all adds the slow tests
# make check   lint, types, templates, import directions, migrations, translations
# make bench   the table of docs/benchmarks.md
# make messages  collect and compile translations
# make lock    resolve the dependencies anew; UPGRADE=1 takes newer versions
# make clean   remove what was installed; the demo's data stay
#
# PYTHON=python3.12 chooses the interpreter of the virtual environment.

SHELL = /bin/sh
# The environment's own Python comes first: what was chosen once is kept.
CANDIDATES = $(PYTHON) .venv/bin/python python3.11 python3.12 python3.13 python3 python
RUN = .venv/bin/python
# A data folder of their own: the demo's settings and files are not for tests.
TEST_ENVIRONMENT = DEBUG=1 DATA_DIR="$(CURDIR)/.guanxi/test" PYTHONUTF8=1
# A process for each of two cores; what shares a file's fixtures stays together.
PARALLEL = -n 2 --dist loadfile
SOURCES = $(filter-out tests,$(patsubst %/__init__.py,%,$(wildcard */__init__.py)))
.DEFAULT_GOAL = help
.PHONY: help demo test test-all check bench messages lock clean setup-demo setup-test

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

demo: setup-demo
	@exec $(RUN) manage.py up

test: setup-test
	@$(MAKE) --no-print-directory run-checks
	$(TEST_ENVIRONMENT) $(RUN) -m pytest $(PARALLEL) -m "not slow"

test-all: setup-test
	@$(MAKE) --no-print-directory run-checks
	$(TEST_ENVIRONMENT) $(RUN) -m pytest $(PARALLEL)

check: setup-test
	@$(MAKE) --no-print-directory run-checks

.PHONY: run-checks
run-checks:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(TEST_ENVIRONMENT) .venv/bin/mypy $(SOURCES)
	.venv/bin/djlint templates --quiet --lint
	.venv/bin/lint-imports
	$(TEST_ENVIRONMENT) $(RUN) -W ignore manage.py makemigrations --check --dry-run
	$(TEST_ENVIRONMENT) $(RUN) manage.py messages --check

# A million customers, built once, in a data folder of their own.
bench: setup-demo
	@DATA_DIR="$(CURDIR)/.guanxi/bench" exec $(RUN) manage.py bench

messages: setup-demo
	DEBUG=1 $(RUN) manage.py messages

# Not after setup-demo: what was just written into package.json or pyproject.toml is in no lock yet.
lock:
	@test -x $(RUN) || $(MAKE) --no-print-directory setup-demo
	$(RUN) -I crm/embedded/lock_requirements.py $(if $(UPGRADE),--upgrade)

clean:
	@$(call bootstrap,clean)

setup-demo:
	@$(call bootstrap,demo)

setup-test:
	@$(call bootstrap,test)

# The first Python that is new enough runs the set-up; a name that exists need not work (version managers' shims).
define bootstrap
for python in $(CANDIDATES); do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		exec "$$python" -I crm/embedded/bootstrap.py $(1); \
	fi; \
done; \
echo "Python 3.11 or newer is needed and was not found (tried: $(CANDIDATES)). Install it, or name it: make PYTHON=/path/to/python" >&2; \
exit 1
endef
