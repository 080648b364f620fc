"""What a machine, a terminal or a process brings along, none of which makes a good run fail."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt  # noqa: TID251
import pytest

import mitmodels
from mitmodels.cases import api

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
