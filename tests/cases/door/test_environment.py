"""What a machine, a terminal or a process brings along, none of which makes a good run fail."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import gmsh
import matplotlib as mpl
import matplotlib.pyplot as plt  # noqa: TID251
import pytest

import mitmodels
from mitmodels.cases import api
from mitmodels.cases.console.options import new_path
from mitmodels.errors import RunError
from mitmodels.meshes.runtime import settle_cache

pytestmark = pytest.mark.serial

COARSE = {"size": "4 um", "edge_size": "2 um", "cells_across": 4}
FILM = {
    "base": "lsmo_iv",
    "mesh": COARSE,
    "protocol": [{"step": "ramp", "to": "6 V"}],
    "output": {"fields_at": {"V_source": []}, "figures": False},
}
BARRIER = {"base": "lsmo_barrier", "voltage": {"points": 5}}


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def command(*arguments, **environment):
    """Return exit code, output and errors of the command line; None takes a variable out."""
    kept = {k: v for k, v in os.environ.items() if k not in environment}
    given = {k: v for k, v in environment.items() if v is not None}
    done = subprocess.run(
        [sys.executable, "-m", "mitmodels", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=kept | given,
    )
    return done.returncode, done.stdout, done.stderr


def test_figures_are_drawn_whatever_backend_and_matplotlibrc_are():
    """A notebook hands on a backend that is not installed here; LaTeX may be missing."""
    Path("matplotlibrc").write_text("text.usetex: True\nfont.size: 70\n")
    backend = "module://matplotlib_inline.backend_inline"
    code, _, err = command("run", "lsmo_barrier", "--out", "out", MPLBACKEND=backend)
    assert (code, "figures" in err) == (0, False), err
    assert len(list(Path("out/figures").glob("*.png"))) >= 3


def test_figures_of_the_caller_are_left_alone():
    own, _ = plt.subplots()
    before = plt.get_backend(), dict(mpl.rcParams), plt.get_fignums()
    mitmodels.run(BARRIER, "out")
    assert (plt.get_backend(), dict(mpl.rcParams), plt.get_fignums()) == before
    plt.close(own)


def test_figure_that_fails_leaves_a_complete_run(monkeypatch, caplog):
    def fail(_):
        raise ZeroDivisionError("no data")

    monkeypatch.setattr(api, "plot_run", fail)
    run = mitmodels.run(BARRIER, "out")
    assert run.record["status"] == "completed"
    assert "not all figures are drawn (no data): mitmodels plot out" in caplog.text


def test_cache_that_cannot_be_written_is_another_one():
    """Of a user whose home is not there or not his."""
    film = ("check", "lsmo_iv", *_set(**{f"mesh.{k}": v for k, v in COARSE.items()}))
    code, out, err = command(*film, HOME="/dev/null", XDG_CACHE_HOME=None, TMPDIR=str(Path.cwd()))
    assert (code, "unknowns" in out) == (0, True), err
    assert "/dev/null/.cache cannot be written" in err
    assert "XDG_CACHE_HOME" in err
    assert [*Path().glob("mitmodels-*/fenics/mitmodels/*.so")]


def test_folder_that_anybody_can_write_to_is_no_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", "/dev/null")
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    settle_cache()
    own = tmp_path / f"mitmodels-{os.getuid()}"
    assert [Path(os.environ[name]) for name in ("HOME", "XDG_CACHE_HOME")] == [own, own]
    assert own.stat().st_mode & 0o777 == 0o700
    own.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    settle_cache()
    assert Path(os.environ["XDG_CACHE_HOME"]).parent == tmp_path
    assert Path(os.environ["XDG_CACHE_HOME"]) != own


def test_missing_compiler_is_one_sentence_before_there_is_a_folder(tmp_path):
    film = ("run", "lsmo_iv", "--out", "out", *_set(**{f"mesh.{k}": v for k, v in COARSE.items()}))
    code, _, err = command(*film, CC="/nowhere/gcc", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (code, err.count("\n")) == (1, 1), err
    assert err.startswith("mitmodels: no form can be compiled (")
    assert "install a C compiler" in err
    assert not Path("out").exists()


def test_run_in_a_worker_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(mitmodels.run(FILM, "out")))
    thread.start()
    thread.join()
    assert found[0].record["status"] == "completed"


@pytest.mark.skipif(not importlib.util.find_spec("dolfinx_solver"), reason="MPI of the wheel")
@pytest.mark.parametrize(("rank", "lines"), [("0", 1), ("1", 0)])
def test_launcher_of_another_mpi_is_named_once(rank, lines):
    launched = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": rank}
    code, _, err = command("run", "lsmo_iv", "--out", "out", **launched)
    assert (code, err.count("\n")) == (2, lines)
    assert err == "" or err.startswith("mitmodels: this mpirun is that of Open MPI, and DOLFINx")
    assert not Path("out").exists()


def test_gmsh_of_the_caller_is_left_alone():
    gmsh.initialize(interruptible=False)
    gmsh.model.add("mine")
    try:
        with pytest.raises(RunError, match=r"call gmsh.finalize\(\) before"):
            mitmodels.run(FILM, "out")
        assert gmsh.model.getCurrent() == "mine"
    finally:
        gmsh.finalize()
    assert not Path("out").exists()


@pytest.mark.parametrize("redirected", [">/dev/full 2>&1", ">&- 2>&- <&-", "2>&1|head -1"])
def test_terminal_that_takes_nothing_ends_no_run(redirected):
    run = f"{sys.executable} -m mitmodels run lsmo_barrier --set voltage.points=5 --out out"
    subprocess.run(["bash", "-c", f"{run} {redirected}"], check=False, timeout=120)
    assert mitmodels.load("out").record["status"] == "completed"


def test_terminal_without_a_column_shows_the_help():
    """Some containers say so; Rich would wrap for ever."""
    code, out, _ = command("probe", "--help", COLUMNS="0")
    assert (code, "Usage: mitmodels probe" in out) == (0, True)


def test_working_folder_that_was_removed_is_one_sentence(tmp_path):
    gone = f"mkdir gone; cd gone; rmdir ../gone; {sys.executable} -m mitmodels cases"
    done = subprocess.run(
        ["bash", "-c", gone], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith("mitmodels: the working folder: No such file")


def test_tilde_that_no_shell_has_expanded_is_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert new_path("~/x", "") == tmp_path / "x"


def test_name_of_a_folder_is_any():
    folder = Path(os.fsdecode(b"-info \xff\xc3\xbc\n%d#'\""))
    barrier = ("run", "lsmo_barrier", "--set", "voltage.points=5", f"--out={folder}")
    ascii_only = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    code, _, err = command(*barrier, **ascii_only)
    assert code == 0, err
    assert len(list((folder / "figures").iterdir())) >= 3


def _set(**values):
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
