"""Periods of a cell in a circuit that stores energy."""

import math

import pytest

from mitmodels.cases import api
from mitmodels.cases.cell.figures.growth import plot
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

AMPLITUDE, PERIOD, LOAD, C = 0.2, 10e-3, 1e6, 1e-9  # [V, s, ohm, F]
CELL = (
    "geometry={ radius = '5 nm', oxide = '2 nm', counter = '3 nm', active = '3 nm' }",
    f"circuit={{ load = '{LOAD} ohm', capacitance = '{C} F' }}",
    f"protocol=[{{ step = 'sine', amplitude = '{AMPLITUDE} V', period = '{PERIOD} s', "
    f"duration = '{10 * PERIOD} s' }}]",
    "output={ figures = false, fields_at = {} }",
)


def test_cell_without_a_filament_swings_as_its_load_and_capacitance_let_it(tmp_path, record):
    """A sine of a source, too low for growth: period, swing, and the end behind two periods."""
    asked = (*CELL, "oscillation={ periods = 2, tolerance = 2e-3 }", "numerics.mesh=0.5")
    run = api.run("ecm_set", tmp_path / "run", overrides=asked)
    found = {name: entry["value"] for name, entry in run.summary.items()}
    swing = 2 * AMPLITUDE / math.hypot(1.0, 2 * math.pi * LOAD * C / PERIOD)
    period, amplitude = found["period"] / PERIOD - 1, found["amplitude"] / swing - 1
    record("cell behind load and capacitance, sine: period; swing", "2e-3; 1e-3",
           f"{period:.1e}; {amplitude:.1e}")  # fmt: skip
    assert (found["oscillates"], found["regime"]) == (True, "oscillation")
    assert found["end"] == "2 equal periods"
    assert (run.events["event"] == "period").sum() == found["periods"] < 5
    assert abs(period) < 2e-3
    assert abs(amplitude) < 1e-3
    drawn = {file.stem for file in plot(run)}
    assert {"spikes", "phase"} <= drawn


def test_periods_of_a_circuit_that_stores_nothing_are_refused():
    with pytest.raises(InputError, match=r"oscillation needs a circuit that stores energy"):
        api.check("ecm_set", overrides=["oscillation.periods=2"])
