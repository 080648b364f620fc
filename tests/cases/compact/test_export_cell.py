"""Exported cells: the model of a growth, beside the growth and in ngspice."""

import numpy as np
import pytest
from ecm_cells import SHIPPED
from toy_cell import SLOWEST, VOLTAGE, toy_cell

from mitmodels.cases import api
from mitmodels.cases.compact import comparison, ngspice
from mitmodels.cases.compact.cell.checks import (
    check_cell,
    random_circuit,
    set_time,
    windows,
)
from mitmodels.cases.compact.cell.circuits import solve_cell, solve_pair
from mitmodels.cases.compact.cell.frozen_growth import compact_cell, solve_growth
from mitmodels.cases.compact.cell.model import CellExport
from mitmodels.cases.compact.comparison import trace_of
from mitmodels.cases.compact.export import export
from mitmodels.circuit import SeriesCircuit
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial
needs_ngspice = pytest.mark.skipif(not ngspice.is_there(), reason=ngspice.MISSING)

# A filament near the electrode from the beginning; half the steps and nodes.
CELL = (
    "numerics={ time = 0.5, mesh = 0.5 }",
    "geometry={ radius = '20 nm', oxide = '1 nm', counter = '3 nm', active = '4 nm' }",
    "void.nucleus=0.3 nm",
    "circuit.compliance=1 uA",
    "output={ fields_at = {}, figures = false }",
)
STEPS = (0.05, 0.3, 0.6, 0.75, 0.9, 1.0)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A SET at 1 V/s."""
    return api.run(SHIPPED, tmp_path_factory.mktemp("growth") / "run", overrides=CELL)


@pytest.fixture(scope="module")
def exported(run):
    found = solve_growth(run, shapes=7, steps=STEPS)
    return CellExport(compact_cell(found), run, found)


def test_fields_at_frozen_shapes_are_those_of_the_growth(run, exported):
    """At the voltages of the run: 2 % of conductance and 5 % of ionic current are interpolation."""
    model, iv = exported.model, run.iv
    row = iv.iloc[np.argmax(iv["I [A]"] > 1e-8)]
    s, V = model.position(row["volume [m3]"]), row["V_cell [V]"]
    assert model.conductance(s, V) * V == pytest.approx(row["I [A]"], rel=0.1)
    assert model.temperature(s, V) == pytest.approx(row["T_max [K]"], abs=0.1)
    volume = model.shapes.values[:, 0]
    slope = np.interp(
        s, (model.shapes.x[1:] + model.shapes.x[:-1]) / 2, np.diff(volume) / np.diff(model.shapes.x)
    )
    ionic = float(model.rate(s, V)) * slope / exported.found.volume_per_charge
    assert ionic == pytest.approx(row["I_ion [A]"], rel=0.15)


@needs_ngspice
def test_verification_holds_of_the_growth_itself(exported, monkeypatch):
    """Seven shapes of a coarse cell: time of SET to 0.01 decades, resistance to 5 %."""
    monkeypatch.setattr(comparison, "_CIRCUITS", 2)
    found = exported.verify([])
    errors = {check.name.partition(": ")[2] or check.name: check for check in found.checks}
    assert abs(errors["log10 of the time of SET"].error) < 0.01
    assert abs(errors["resistance behind it"].error) < 0.05
    pin = errors["10 K by the thermal pin against the parameter over the largest current"]
    assert pin.holds
    assert errors["failed"].error == 0
    assert list(found.figures) == ["errors"]
    assert not any("," in check.name for check in found.checks)


def test_files_say_what_the_model_is_of(run, exported):
    texts = exported.texts("a header")
    assert set(texts) == {"model.lib", "model.va", "bench.cir", "bench.sim", "presets.json"}
    assert all(
        text.startswith(("* a header", "// a header"))
        for text in (texts["model.lib"], texts["model.va"])
    )
    assert set(exported.tables) == {"shapes", "conductance", "ionic_current", "pulses"}
    assert any("another rate leaves another shape" in sentence for sentence in exported.limits)
    low, high = exported.ranges["V_cell [V]"]
    assert (low, high) == pytest.approx((-2.5, 2.5))


@needs_ngspice
def test_toy_cell_under_a_ramp_is_its_integral():
    """Of V exp(q(V)) dV over the ramp; 1e-3 of the way by default steps of ngspice."""
    found = solve_cell(toy_cell(), [(0.0, 0.0), (1.0, 1.5)], SeriesCircuit(), "start=-15")
    V = found.source[-1] / VOLTAGE
    way = np.exp(SLOWEST) * VOLTAGE**2 * ((V - 1) * np.exp(V) + 1) / 1.5
    expected = -15 + way
    at_end = np.exp(expected - 8) + 1e-12  # with the leakage
    assert np.log(found.current[-1] / 1.5 / at_end) == pytest.approx(0, abs=1e-2)
    power = found.current[-1] * 1.5
    assert found.hottest[-1] == pytest.approx(300 + 1e6 * power, rel=1e-3)


@needs_ngspice
def test_warmer_ambient_by_the_pin_makes_growth_faster():
    drive = [(0.0, 0.0), (1.0, 1.5)], SeriesCircuit(load=1e3)
    warm, cold = (solve_cell(toy_cell(), *drive, pin=rise) for rise in (10.0, 0.0))
    assert warm.current[-1] > 1.05 * cold.current[-1]


@needs_ngspice
def test_pair_back_to_back_has_two_windows():
    """The grown cell dissolves behind the one that grows; with one cell there is no window."""
    loop = [(0.0, 0.0), (3.0, 3.0), (9.0, -3.0), (15.0, 3.0), (21.0, -3.0)]
    pair = solve_pair(toy_cell(), loop, 1e4, -1.0)
    assert windows(pair, 9.0, 21.0) == 2
    alone = solve_cell(toy_cell(), loop, SeriesCircuit(1e4))
    assert windows(alone, 9.0, 21.0) < 2


@needs_ngspice
def test_random_circuits_can_be_solved():
    random = np.random.default_rng(2)
    for _ in range(5):
        corners, circuit, start = random_circuit(random, toy_cell())
        solve_cell(toy_cell(), corners, circuit, f"start={start}", options="", points=200)


def test_runs_without_a_growth_and_with_a_surface_energy_are_refused(run, tmp_path):
    """One sentence each, and no folder is left."""
    with pytest.raises(InputError, match=r"has a surface energy, by which it dissolves"):
        export(run.path, tmp_path / "a", overrides=["growth.surface_energy=1 J/m2"])
    still = 'protocol=[{ step = "ramp", to = "10 mV", rate = "1 V/s" }]'
    flat = api.run(SHIPPED, tmp_path / "flat", overrides=[*CELL, still, "geometry.radius=19 nm"])
    with pytest.raises(InputError, match=r"its filament does not grow.*give a run with a SET"):
        export(flat.path, tmp_path / "a")
    with pytest.raises(InputError, match=r"its geometry is not that of .*give a run of the same"):
        check_cell(toy_cell(), run, [flat])
    assert not (tmp_path / "a").exists()


def test_time_of_set_without_a_compliance_is_that_of_a_microampere(run):
    trace = trace_of(run, "V_cell")
    assert set_time(trace, 1e-6) == pytest.approx(run.summary["t_compliance"]["value"], rel=1e-3)
    assert set_time(trace, np.inf) is None
