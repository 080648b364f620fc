"""Compact models of the shipped films in ngspice, beside their field solutions."""

import resource
from importlib.resources import files
from pathlib import Path

import pytest

import mitmodels
from mitmodels.cases.compact import ngspice
from mitmodels.cases.compact.film.circuits import Drive, driven, jumps, sweep
from mitmodels.cases.compact.film.model import build
from mitmodels.cases.compact.film.runs import check_same, compare_run
from mitmodels.circuit import SeriesCircuit

pytestmark = [
    pytest.mark.serial,
    pytest.mark.slow,
    pytest.mark.skipif(not ngspice.is_there(), reason=ngspice.MISSING),
]
CASES = Path(str(files("mitmodels.cases")))
HELPERS = Path(__file__).parents[1] / "helpers"
ELEMENT, WIDE = HELPERS / "vo2_element.toml", HELPERS / "vo2_film.toml"
PULSE_40 = ("protocol.1.value=40 V", "circuit.load=500 ohm")
SLOWER = ("circuit.capacitance=40 pF", "oscillation.periods=4", "oscillation.tolerance=1e-2")
NEURON = SeriesCircuit(load=50e3, capacitance=20e-12)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function that runs a case without its figures."""
    folder = tmp_path_factory.mktemp("films")

    def run(case, *overrides):
        path = case if isinstance(case, Path) else CASES / f"{case}.toml"
        overrides = (*overrides, "output.figures=false")
        return mitmodels.run(path, folder / f"{len(list(folder.iterdir()))}", overrides=overrides)

    return run


@pytest.fixture(scope="module")
def lsmo(run):
    return build(run("lsmo_iv"), ())


def beside(exported, run):
    """Checks of a film beside a run in time."""
    check_same(exported.run, run)
    hot = float(exported.prepared.config.film.barrier_temperature)
    return compare_run(exported.model, run, hot).checks


def write(record, checks, label):
    for check in checks:
        tolerance = "reported" if check.tolerance is None else check.tolerance
        measured = "none" if check.error is None else check.error
        record(f"{label} in ngspice: {check.name}", tolerance, measured)
    assert all(check.holds is not False for check in checks)


def test_sweeps_pin_and_random_circuits(lsmo, record):
    """Both directions at 40 voltages 1 %, jumps 0.5 %; the pin 1e-3; 199 of 200 circuits."""
    checks = lsmo.verify(()).checks
    write(record, checks, "lsmo_iv")
    assert len(checks) == 8


def test_load_line(lsmo, run, record):
    """Both jumps behind 500 ohm, which the tables do not know, against a run of its own: 1 %."""
    field = run("lsmo_load_line").summary
    drive = sweep(lsmo.model, 62.0, by_voltage=True)
    found = jumps(driven(lsmo.model, drive, SeriesCircuit(load=500.0)))
    for name, value in zip(("V_up", "V_down"), found, strict=True):
        error = value / field[name]["value"] - 1
        record(f"lsmo_load_line in ngspice: {name}", 0.01, error)
        assert abs(error) < 0.01


@pytest.mark.parametrize("overrides", [(), PULSE_40], ids=["25 V", "40 V behind 500 ohm"])
def test_pulses(lsmo, run, record, overrides, request):
    """Delay 10 %, energies 15 %, largest rise and recovery within a factor of two."""
    checks = beside(lsmo, run("lsmo_pulse", *overrides))
    write(record, checks, f"lsmo_pulse, {request.node.callspec.id},")
    assert len(checks) == 5


def test_oscillators(run, record):
    """Periods 15 %; peaks are reported."""
    mesh = ("mesh.size=2.5 um", "mesh.edge_size=1 um", "mesh.cells_across=6")
    lsmo = build(run("lsmo_iv", *mesh), ())
    vo2 = build(run(ELEMENT, "protocol.0.to=100 mA"), ())
    for name, model in {"lsmo_oscillator": lsmo, "vo2_oscillator": vo2}.items():
        write(record, beside(model, run(name)), name)


def test_wide_film_whose_hottest_temperature_falls(run, record):
    """Its sweeps as any film's, ramps of current and into a compliance 10 %, period 15 %."""
    wide = build(run(WIDE), ())
    assert wide.model.hottest is not None
    write(record, wide.verify(()).checks, "wide VO2 film")
    for name, overrides in (("vo2_filament", ()), ("vo2_voltage", ()), ("vo2_oscillator", SLOWER)):
        label = f"wide VO2 film, {name}{', 40 pF,' if overrides else ''}"
        write(record, beside(wide, run(name, *overrides)), label)


def test_a_microsecond_of_oscillation_takes_less_than_a_second(run, record):
    """Of the processor, ngspice's start included; the neuron fires once in 1.4 us."""
    model = build(run(ELEMENT, "protocol.0.to=100 mA"), ()).model
    drive = Drive([(0.0, 0.0), (1e-7, 45.0), (4e-6, 45.0)], by_voltage=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    trace = driven(model, drive, NEURON)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert trace.hottest.max() > 400.0
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    record("one subcircuit: processor time per microsecond of oscillation", "1 s", seconds / 4)
    assert seconds / 4 < 1.0
