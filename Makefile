# Every target sets up what it needs; nothing has to be installed or activated before.
BIN := .venv/bin
CORES ?= $(shell env -u OMP_NUM_THREADS nproc)
NOW := $(shell date +%Y%m%dT%H%M%S)
# A rank that waits for ever is ended, and its neighbours with it.
PARALLEL_TESTS := $(BIN)/python -m mpi4py -m pytest -q -p no:cacheprovider --timeout=300 --timeout-method=thread

# Without compiled files every process would compile the package and rewrite the asserts of the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run test verify bench gallery schema docs faults fuzz plausible image test-image test-slurm audit \
  scaling lint lock clean

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml tools/bootstrap.py
	@python3 -c "" 2>/dev/null || { echo "error: python3 does not run. Remedy: sudo apt install python3" \
	  "(Debian, Ubuntu), sudo dnf install python3 (Fedora)." >&2; exit 1; }
	@python3 tools/bootstrap.py
	@touch $@

run: setup
	$(BIN)/mpirun -n $(CORES) $(BIN)/mitmodels run lsmo_iv --out runs/lsmo_iv-$(NOW)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A test that says nothing on several ranks carries the marker `serial`; all others also run on 2,
# and on 3 those that carry `three_ranks`. Whole cases on 3 ranks are started by tests of their own.
# One worker more than cores: some tests wait for what they started.
test: lint
	$(BIN)/pytest -q -m "not slow" -n $$(($(CORES) + 1)) --maxprocesses 4 --dist worksteal
	$(BIN)/mpirun -n 2 $(PARALLEL_TESTS) -m "not serial and not slow" --ignore=tests/unit
	$(BIN)/mpirun -n 3 $(PARALLEL_TESTS) -m "three_ranks and not serial and not slow" tests/fem tests/verification

# Each file on one worker: its tests share what they have solved.
verify: setup
	$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile --write-verification=docs/verification.md

# Times, also of peers such as scikit-fem, which are installed for it alone: docs/performance.md; and
# their history, docs/performance/history.csv, with what became longer than the last time here.
bench: setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group bench
	$(BIN)/pytest tests/benchmarks -s -o python_files="bench_*.py" --write-performance docs/performance.md

# Figures of the papers and what we get beside what they say: docs/gallery.md; and that of the front page.
gallery: setup
	$(BIN)/python tools/gallery.py
	$(BIN)/python tools/front_figure.py runs/gallery/lsmo_iv docs/figures/front_film.png

# What editors check the TOML files against, after a change of their sections.
schema: setup
	$(BIN)/python -m mitmodels.cases.schema

# The site, in docs/_build/html, no warning left: runs the commands of its pages and the notebooks, but
# shows what docs/outputs keeps of the long ones; RUN=all, or pages as in RUN="howto/fit notebooks", runs them anew.
docs: .venv/docs
	env -u FORCE_COLOR DOCS_RUN="$(RUN)" $(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

.venv/docs: .venv/ready docs/requirements.lock
	$(BIN)/uv pip install --quiet --require-hashes -r docs/requirements.lock
	@touch $@

# Kills runs, fills disks and deletes folders: FAULTS=3 make faults does fewer of each.
faults: setup
	$(BIN)/pytest tests/faults -s -o python_files="fault_*.py"

# Ten thousand mistaken inputs, damaged folders and meshes: FUZZ=500 SEED=7 make fuzz tries others.
fuzz: setup
	$(BIN)/pytest tests/faults -s -o python_files="fuzz_*.py"

# Random devices that a laboratory could have made: SEED=7 FILMS=100 CELLS=60 make plausible.
plausible: setup
	$(BIN)/pytest tests/verification/test_plausible.py -s

# The container image, by docker or podman; BASE=... builds on another base.
image: setup
	$(BIN)/python containers/image.py

# The same for Apptainer.
containers/mitmodels.def: containers/Dockerfile containers/apptainer.py
	python3 containers/apptainer.py >$@

# Proves the Dockerfile without an engine: as root, with Debian's buildah and debootstrap.
test-image: setup
	$(BIN)/python containers/image.py test

# Batch scripts in a real SLURM on this machine: as root, with Debian's slurmctld, slurmd and munge.
test-slurm: setup
	@mkdir -p build
	$(BIN)/pytest tests/cluster -s --basetemp=build/slurm -p no:cacheprovider -o python_files="cluster_*.py"

# Known vulnerabilities of the locked packages, and the licences of the installed ones.
audit: setup
	$(BIN)/python tools/audit.py

# Cost over unknowns, up to a million, and wall time over cores: docs/scaling.md.
# On a cluster: tests/benchmarks/scaling.sbatch.
scaling: setup
	$(BIN)/pytest tests/benchmarks -s -o python_files="scale_*.py" --write-performance docs/scaling.md
	$(BIN)/python tests/benchmarks/scaling.py runs/scaling-$(NOW) --page docs/scaling.md

# New versions of all packages, within the limits of pyproject.toml.
lock: setup
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
	  --python-version 3.12 --extra wheel --group dev --custom-compile-command "make lock" \
	  -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
	  --python-version 3.12 --group docs --custom-compile-command "make lock" \
	  -c requirements.lock -o docs/requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
	  --python-version 3.12 --extra wheel --group build --custom-compile-command "make lock" \
	  -c requirements.lock -o containers/requirements.lock pyproject.toml

clean:
	rm -rf .venv .tools build dist docs/_build docs/reference/api *.egg-info .*_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -r {} +
