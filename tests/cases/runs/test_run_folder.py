"""The run folder: complete or absent, whole lines or none, the same error on every rank."""

import json
import logging
import os
import resource

from mpi4py import MPI

import numpy as np
import pytest

from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.console.journal import LogFile
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.reading import load

COMM = MPI.COMM_WORLD
CONFIG = 'length = "100 µm"\r\n'
RESOLVED = 'length = { value = "1e-4 m", status = "assumed", source = "not stated" }\n'
TEXTS = {"config.toml": CONFIG, "config.resolved.toml": RESOLVED}


def create(path):
    return RunFolder.create(COMM, path, TEXTS, ["film.width=50 um"])


def files(path):
    """Names below a folder, seen by rank 0 after all ranks have written."""
    COMM.barrier()
    return COMM.bcast(sorted(str(item.relative_to(path)) for item in path.rglob("*")))


@pytest.fixture
def folder(mpi_tmp_path):
    return create(mpi_tmp_path / "runs" / "first")


@pytest.fixture
def unprivileged():
    """Take away root's right to write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_new_folder_holds_input_record_and_places(folder):
    places = ["checkpoints", "fields", "figures", "mesh"]
    texts = ["config.resolved.toml", "config.toml", "log.txt", "run.json"]
    assert files(folder.path) == sorted(places + texts)
    assert files(folder.path.parent)[0] == "first"
    assert (folder.path / "config.toml").read_bytes() == CONFIG.encode()
    run = load(folder.path)
    assert run.config["length"]["value"] == "1e-4 m"
    assert run.record["status"] == "running"
    assert run.record["ranks"] == COMM.size
    assert run.record["overrides"] == ["film.width=50 um"]
    assert run.record["packages"]["numpy"] == np.__version__
    assert run.summary == {}


def test_existing_folder_is_refused_on_every_rank_and_left_alone(folder, mpi_tmp_path):
    before = files(mpi_tmp_path)
    with pytest.raises(InputError, match=r"first: exists already: name another with --out"):
        create(folder.path)
    assert files(mpi_tmp_path) == before


def test_existing_empty_folder_is_refused(mpi_tmp_path):
    (mpi_tmp_path / "empty").mkdir(exist_ok=True)
    with pytest.raises(InputError, match="empty: exists already"):
        create(mpi_tmp_path / "empty")
    assert files(mpi_tmp_path) == ["empty"]


def test_folder_that_cannot_be_made_leaves_nothing(mpi_tmp_path):
    (mpi_tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"file/run: cannot be written \(.*\): choose"):
        create(mpi_tmp_path / "file" / "run")
    assert files(mpi_tmp_path) == ["file"]


@pytest.mark.serial
def test_permission_denied_is_one_sentence(tmp_path, unprivileged):
    with pytest.raises(RunError, match=r"run: cannot be written \(Permission denied\): choose a"):
        create(tmp_path / "run")


def test_table_has_units_in_its_header_and_reads_back_exactly(folder):
    units = {"V_source": "V", "T_max": "K", "stable": "", "kind": ""}
    table = folder.table("iv", units)
    table.append({"V_source": 0.1, "T_max": np.float64(1 / 3), "stable": np.True_, "kind": "a, b"})
    table.append({"V_source": Quantity(2e-8, "V"), "T_max": None, "stable": False, "kind": "up"})
    assert table.path.read_text().splitlines()[0] == "V_source [V],T_max [K],stable,kind"
    iv = load(folder.path).iv
    assert list(iv["V_source [V]"]) == [0.1, 2e-8]
    assert iv["T_max [K]"][0] == 1 / 3
    assert np.isnan(iv["T_max [K]"][1])
    assert list(iv["stable"]) == [True, False]
    assert iv["kind"][0] == "a, b"


def test_row_with_other_columns_is_refused(folder):
    table = folder.table("events", {"kind": "", "V_source": "V"})
    with pytest.raises(ValueError, match=r"events.csv: a row has .*columns: T_max, V_source"):
        table.append({"kind": "fold", "T_max": 1.0})


@pytest.mark.serial
def test_full_disk_leaves_whole_lines(folder):
    table = folder.table("iv", {"V_source": "V"})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        for _ in range(4):
            table.append({"V_source": 1 / 3})
        with pytest.raises(RunError, match=r"iv.csv: cannot be written \(.*\): "):
            table.append({"V_source": 1 / 3})
        with pytest.raises(RunError, match=r"summary.json: cannot be written"):
            folder.write_summary({f"V{i}": (i, "V") for i in range(10)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    lines = table.path.read_text().splitlines(keepends=True)
    assert lines == ["V_source [V]\n"] + 4 * ["0.3333333333333333\n"]
    assert not any("summary.json" in name for name in files(folder.path))


@pytest.mark.serial
def test_no_space_left_names_the_remedy(folder):
    table = folder.table("iv", {"V_source": "V"})
    table.path.unlink()
    table.path.symlink_to("/dev/full")
    with pytest.raises(RunError, match=r"\(No space left on device\): free some space"):
        table.append({"V_source": 1.0})


@pytest.mark.serial
def test_deleted_folder_is_noticed(folder):
    table = folder.table("iv", {"V_source": "V"})
    folder.path.rename(folder.path.with_name("elsewhere"))
    with pytest.raises(RunError, match=r"iv.csv: .*: the run folder was moved or deleted"):
        table.append({"V_source": 1.0})
    with pytest.raises(RunError, match=r"run.json: .*: the run folder was moved or deleted"):
        folder.finish("completed")
    with pytest.raises(RunError, match=r"log.txt: .*: the run folder was moved or deleted"):
        LogFile(folder).handle(logging.makeLogRecord({"msg": "solving"}))


def test_summary_pairs_value_and_unit(folder):
    folder.write_summary({"V_up": (16.58, "V"), "unknowns": (1215, "")})
    assert json.loads((folder.path / "summary.json").read_text()) == {
        "V_up": {"value": 16.58, "unit": "V"},
        "unknowns": {"value": 1215, "unit": ""},
    }
    with pytest.raises(ValueError, match="not JSON compliant"):
        folder.write_summary({"V_up": (np.nan, "V")})


def test_end_of_the_run_is_recorded(folder):
    if COMM.rank == 0:
        folder.finish("failed", "no convergence at 16 V")
    COMM.barrier()
    record = load(folder.path).record
    assert (record["status"], record["error"]) == ("failed", "no convergence at 16 V")
    assert record["start"] <= record["end"]


@pytest.mark.serial
def test_log_keeps_time_level_and_message(folder):
    logger = logging.Logger("mitmodels.solvers.test")
    logger.addHandler(LogFile(folder))
    logger.warning("mesh too coarse")
    assert (folder.path / "log.txt").read_text().endswith(" WARNING mesh too coarse\n")


def test_what_is_no_run_folder_is_refused(mpi_tmp_path):
    with pytest.raises(InputError, match=r"nothing: is not a run folder \(run.json is missing\)"):
        load(mpi_tmp_path / "nothing")


@pytest.mark.serial
def test_missing_table_is_named(folder):
    with pytest.raises(InputError, match=r"iv.csv: there is no such table; the run ended before"):
        load(folder.path).table("iv")
