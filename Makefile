# make run    sets up and starts the program           make run ARGS="--file clip.mp4"
# make test   sets up and runs every check and test    make test PYTEST="tests/test_demo.py -x" JOBS=0
# make soak   hours in the window: is it flat?         make soak HOURS=3 ARGS="--speed 2"
#
# Once set up, all go straight to work.  The set-up is redone when a file it reads has changed: its stamp
# carries a checksum, for a checkout's dates say nothing.  PYTHON=python3.12 picks another Python.

PYTHON ?= python3
ARGS ?=
PYTEST ?=
# Processes that run tests, a module at a time: most tests wait for devices and windows more than they compute.
JOBS ?= 4
HOURS ?= 3

sum := $(shell cat pyproject.toml app/system_packages.txt .ci/setup | cksum | cut -d' ' -f1)
run_ready := .venv/ready-run-$(sum)
test_ready := .venv/ready-test-$(sum)
# A real X server of its own, so that the windows under test are real and nobody's screen flickers (asked for late:
# the set-up may have installed it).
xvfb = $(if $(shell command -v xvfb-run),env QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24")

# Where Python is told to write no bytecode, each of a hundred processes under test would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test soak sums clean

run: $(run_ready)
	@exec .venv/bin/python main.py $(ARGS)

test: $(test_ready)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	@.venv/bin/mypy & types=$$!; \
	$(xvfb) .venv/bin/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST); tests=$$?; \
	wait $$types && exit $$tests

soak: $(test_ready)
	$(xvfb) .venv/bin/python -m tests.soak --hours $(HOURS) $(ARGS)

# Who has set up for testing can run: the test set-up holds the other.
$(run_ready):
	@test -e $(test_ready) || .ci/setup run $(PYTHON)
	@touch $@

$(test_ready):
	@.ci/setup test $(PYTHON)
	@touch $@

# After an asset was changed on purpose.
sums:
	cd assets && sha256sum $$(ls -p | grep -v -e / -e '\.py$$' -e SHA256SUMS) > SHA256SUMS

clean:
	rm -rf .venv *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
