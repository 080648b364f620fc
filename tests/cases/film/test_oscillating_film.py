"""A film in its circuit on disk: oscillation, rest and latch; going on in mid-spike; bad input."""

from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
from stopping import stop_after

from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.transient_config import Config, prepare
from mitmodels.cases.runs.oscillation import PERIOD
from mitmodels.errors import InputError
from mitmodels.solvers.runs.folder import Table

pytestmark = pytest.mark.serial
NEURON = Path(__file__).parents[2] / "helpers" / "neuron.toml"


@pytest.fixture(scope="module")
def oscillating(tmp_path_factory):
    return api.run(NEURON, tmp_path_factory.mktemp("neuron") / "run")


def values(run):
    return {name: entry["value"] for name, entry in run.summary.items()}


def test_run_that_oscillates_says_so_and_ends(oscillating):
    found, iv = values(oscillating), oscillating.iv
    assert found["oscillates"] is True
    assert found["regime"] == "oscillation"
    assert found["end"] == "3 equal periods"
    assert iv["t [s]"].max() < 10e-6
    assert found["frequency"] == pytest.approx(1 / found["period"], rel=1e-12)
    assert found["period"] == pytest.approx(1.43e-6, rel=0.01)
    assert 0.5 < found["duty"] < 0.7
    assert abs(found["period_drift"]) < 1e-3
    last = iv[iv["t [s]"] > iv["t [s]"].max() - found["period"]]
    assert found["amplitude"] == pytest.approx(np.ptp(last["V_device [V]"]), rel=1e-3)
    taken = np.trapezoid(last["P [W]"], last["t [s]"])
    assert found["energy_per_period"] == pytest.approx(taken, rel=0.02)
    np.testing.assert_allclose(iv["E_stored [J]"], 20e-12 * iv["V_device [V]"] ** 2 / 2, rtol=1e-9)
    load = 50e3 * iv["I_source [A]"] + iv["V_device [V]"]
    np.testing.assert_allclose(load, iv["V_source [V]"], rtol=1e-9)
    periods = oscillating.events.query(f"event == '{PERIOD}'")
    assert len(periods) == found["periods"] >= 3
    stored = {file.stem for file in (oscillating.path / "fields").glob("nucleated*.vtu")}
    assert stored <= {"nucleated", "nucleated-2"}  # no longer from the first period on
    drawn = {file.name for file in (oscillating.path / "figures").iterdir()}
    assert {"spikes.png", "phase.png"} <= drawn


def test_resumed_in_mid_spike(oscillating, tmp_path, monkeypatch, record):
    hot = int(np.argmax(oscillating.iv["T_max [K]"] > 450))
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", stop_after(hot))
        with pytest.raises(KeyboardInterrupt):
            api.run(NEURON, tmp_path / "run", overrides=["output.figures=false"])
    run = api.resume(tmp_path / "run")
    assert len(run.iv) == len(oscillating.iv)
    error = float(((run.iv - oscillating.iv).abs().max() / oscillating.iv.abs().max()).max())
    record("film in a circuit, resumed in mid-spike: against an uninterrupted one", 1e-9, error)
    assert error < 1e-9
    assert values(run)["period"] == pytest.approx(values(oscillating)["period"], rel=1e-9)


@pytest.mark.parametrize(
    ("override", "regime"),
    [("protocol.0.to=20 V", "rest"), ("circuit.load=5 kohm", "latched")],
)
def test_run_that_settles_says_where(tmp_path, override, regime):
    overrides = [override, "protocol.1.duration=4 us", "output.figures=false"]
    found = values(api.run(NEURON, tmp_path / "run", overrides=overrides))
    assert found["oscillates"] is False
    assert found["regime"] == regime
    assert found["period"] is None
    assert found["end"] == "end of the protocol"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["circuit.capacitance=-1 pF"], "circuit.capacitance = .-1 pF. must be at least 0 F"),
        (["circuit.inductance=-1 mH"], "circuit.inductance = .-1 mH. must be at least 0 H"),
        (["circuit.capacitance=1 mH"], "circuit.capacitance = .1 mH. is not a capacitance"),
        (["circuit={ load = '1 kohm' }"], "oscillation needs a circuit that stores energy: give"),
        (["oscillation.periods=1"], "oscillation.periods = 1"),
        (["oscillation.tolerance=0"], "oscillation.tolerance = 0 must be greater than 0"),
        (["numerics.circuit_error=0"], "numerics.circuit_error = 0 must be greater than 0"),
        (["circuit.series_capacitance=0 F"], "series_capacitance = .0 F. must be greater than 0"),
        (
            ["circuit.inductance=1 mH", "protocol=[{step='ramp', to='1 mA', rate='1 A/s'}]"],
            "circuit.inductance does not change what a source of current imposes",
        ),
        (
            ["circuit={}", "oscillation={}", "protocol.1.until=['I_source > 1 mA']"],
            "oscillation needs|does not show I_source",
        ),
    ],
)
def test_circuit_that_makes_no_sense(overrides, message):
    with pytest.raises(InputError, match=message):
        prepare(load_config(NEURON, overrides, Config), MPI.COMM_SELF)
