"""Compact model of a cell: sums of products, rates, pulses and presets against closed forms."""

import numpy as np
import pytest
from toy_cell import SLOWEST, VOLTAGE, toy_cell

from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.cell_pulses import program, times, voltage_of
from mitmodels.compact.cell_text import module, subcircuit
from mitmodels.compact.presets import Programming, presets
from mitmodels.compact.sheet import Sheet
from mitmodels.compact.spice import series


def test_smooth_function_is_a_short_sum_of_products():
    """Of exp(-x y): seven products for 1e-3, and no point is further off than that."""
    x, y = np.linspace(0, 3, 61), np.linspace(0, 2, 41)
    values = np.exp(-np.outer(x, y))
    sheet = Sheet.of(("x", "y"), x, y, values, 1e-3)
    assert np.abs(sheet(x[:, None], y) - values).max() <= 1e-3
    assert len(sheet.rows.names) <= 7
    assert len(sheet.rows.x) < 50


def test_rate_has_the_sign_of_the_voltage_and_ends_at_both_ends():
    cell = toy_cell()
    low, high = cell.ends
    expected = np.exp(SLOWEST + 1 / VOLTAGE)
    assert cell.rate(-5.0, 1.0) == pytest.approx(expected, rel=1e-6)
    assert cell.rate(-5.0, -0.5) == pytest.approx(-0.5 * np.exp(SLOWEST + 1 / VOLTAGE), rel=1e-6)
    assert cell.rate(-5.0, 0.0) == 0
    assert cell.rate(high, 1.0) == 0
    assert cell.rate(low, -1.0) == 0
    assert cell.rate(low, 1.0) > 0


def test_warmer_ambient_is_the_second_table():
    """At 340 K in full; halfway in 1/T by half of it."""
    cell = toy_cell()
    assert np.log(cell.rate(-5.0, 1.0, 40.0) / cell.rate(-5.0, 1.0)) == pytest.approx(0.4)
    half = 2 / (1 / 300 + 1 / 340) - 300
    assert np.log(cell.rate(-5.0, 1.0, half) / cell.rate(-5.0, 1.0)) == pytest.approx(0.2)


def test_time_of_growth_under_a_constant_voltage_is_the_way_over_the_rate():
    s = np.linspace(-15.0, -5.0, 50)
    t = times(toy_cell(), SeriesCircuit(), s, 1.0)
    assert t[-1] == pytest.approx(10 / np.exp(SLOWEST + 1 / VOLTAGE), rel=1e-6)


def test_voltage_behind_a_load_divides():
    cell = toy_cell()
    G = float(cell.conductance(0.0, 0.1))
    assert voltage_of(cell, SeriesCircuit(load=3 / G), 0.0, 2.0) == pytest.approx(0.5)


def test_pulses_go_from_end_to_end_both_ways():
    """64 either way, between half of the largest conductance and a quarter of that."""
    found = program(toy_cell(), 2.0)
    assert len(found.up) == len(found.down) == 65
    assert np.all(np.diff(found.up) > 0)
    assert np.all(np.diff(found.down) < 0)
    assert found.up[-1] / found.up[0] == pytest.approx(4, rel=2e-2)
    assert found.down[0] == pytest.approx(found.up[-1])
    assert found.down[-1] == pytest.approx(found.up[0])


def test_presets_find_the_bend_that_was_put_in():
    """A = 20 of 64 pulses up, 10 down; the steps of aihwkit add up to the range."""
    pulses = np.arange(65)

    def course(bend):
        return np.expm1(-pulses / bend) / np.expm1(-64 / bend)

    up, down = 1e-5 + 9e-5 * course(20.0), 1e-4 - 9e-5 * course(10.0)
    found = presets(Programming(up, down, (2.0, -2.0), (1e-6, 1e-7), 1e4, 0.1))
    device = found["NeuroSim RealDevice"]
    assert device["paramALTP"] == pytest.approx(20, rel=1e-3)
    assert device["paramALTD"] == pytest.approx(10, rel=1e-3)
    assert device["maxNumLevelLTP"] == 64
    step = found["aihwkit PiecewiseStepDevice"]
    assert len(step["piecewise_up"]) == len(step["piecewise_down"]) == 9
    first = (up[1] - up[0]) / 9e-5 * 64  # of a range of two and steps of a 64th of it
    assert step["piecewise_up"][0] == pytest.approx(first, rel=1e-9)
    assert step["piecewise_down"][0] < 1 < step["piecewise_down"][-1]


def test_texts_have_pins_parameters_and_one_function_per_table():
    cell = toy_cell()
    spice, verilog = subcircuit(cell, "a header"), module(cell, "a header")
    assert spice.startswith("* a header\n.subckt cell p n heat params: ambient=300 contact=0 ")
    assert verilog.startswith("// a header\n")
    assert "module ecm_cell(p, n, heat);" in verilog
    functions = [line for line in verilog.splitlines() if line.startswith("analog function")]
    assert len(functions) == len(set(functions)) == verilog.count("endfunction")
    assert max(map(len, spice.splitlines())) < 200


@pytest.mark.parametrize(
    ("circuit", "lines"),
    [
        (SeriesCircuit(), ["R_load s d 0.001"]),
        (SeriesCircuit(load=50.0), ["R_load s d 50.001"]),
        (SeriesCircuit(limit=1e-3, softness=0.05), ["B_limit s d I"]),
        (SeriesCircuit(50.0, 1e-3, 0.05), ["B_limit s limited I", "R_load limited d 50.001"]),
    ],
)
def test_series_circuit_has_no_more_nodes_than_it_needs(circuit, lines):
    found = series(circuit, "s", "d").splitlines()
    assert len(found) == len(lines)
    assert all(a.startswith(b) for a, b in zip(found, lines, strict=True))
