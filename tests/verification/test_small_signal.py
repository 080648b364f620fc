"""Small signals of a film: impedance in closed form, at rest, and Hopf points."""

from dataclasses import dataclass

from mpi4py import MPI

import numpy as np
import pytest
import scipy.linalg
from films import SHEET, SHIPPED, trace

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.heat_storage import build_storing
from mitmodels.cases.film.steady_branch import continuation
from mitmodels.cases.film.steady_config import Config, Prepared, prepare
from mitmodels.circuit import CircuitState, SeriesCircuit
from mitmodels.hopf import critical
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.interfaces import TransientSubstrate
from mitmodels.solvers.film.small_signal.linearised import SmallSignal
from mitmodels.solvers.film.transient.source import Source
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper, Tolerance, TransientState

CAPACITY, LOSS, THICKNESS, WIDTH, LENGTH = 3e6, 5e5, 20e-9, 50e-6, 100e-6
ASKED = 'output.impedance_at.states={ I = ["1 mA"] }'
STRIP = ("mesh.size=2 um", "mesh.degree=1", f"heat_capacity.film={CAPACITY} J/(m3 K)", ASKED)
EVEN = (*STRIP, "contact.thermal=free", "mesh.size=50 um")
SPREADING = (
    "heat_capacity.film=2.8e6 J/(m3 K)",
    "heat_capacity.substrate=2.8e6 J/(m3 K)",
    "heat_capacity.pads=0.25 J/(m2 K)",
    "mesh.size=5 um",
    "mesh.edge_size=2 um",
    "mesh.cells_across=4",
    "geometry.far=250 um",
    'protocol=[{ step = "ramp", to = "20 V" }]',
    "contact.heat=pads",
    "output.fields_at={}",
    ASKED,
)
SPAN = (1.0, 1e9)


@dataclass(frozen=True)
class Traced:
    """A branch whose states are linearised in time."""

    prepared: Prepared
    branch: Branch
    small: SmallSignal
    substrate: TransientSubstrate

    def stable(self):
        """Stable points but for folds."""
        flags = self.branch.stability()
        pairs = zip(self.branch.points, flags, strict=True)
        return [point for point, stable in pairs if stable and point.kind != "fold"]


def traced(file, *overrides, limit, comm=MPI.COMM_WORLD):
    prepared = prepare(load_config(file, overrides, Config), comm)
    newton, substrate = build_storing(prepared.device, prepared.config.heat_capacity)
    branch = trace(continuation(prepared, newton), limit)
    return Traced(prepared, branch, SmallSignal(newton), substrate)


@pytest.fixture(scope="module")
def spreading():
    return traced(SHIPPED, *SPREADING, limit=20.0)


@pytest.mark.serial
def test_impedance_of_one_thermal_time(record):
    """A film that is even: Z = R + 2 I^2 R R' / (C s + G - I^2 R')."""
    film = traced(SHEET, *EVEN, limit=5.0)
    law = film.prepared.config.film.resistivity()
    squares, area = LENGTH / WIDTH / THICKNESS, LENGTH * WIDTH
    worst = 0.0
    for point in film.branch.points[1:]:
        T, current = point.state.reading.T_center, point.state.current
        R = squares * float(law(T))
        slope = squares * float(law(T + 1e-3) - law(T - 1e-3)) / 2e-3
        for s in 2j * np.pi * np.array([0.0, 1e4, 1e6, 1e8]):
            rate = CAPACITY * THICKNESS * area * s + LOSS * area - current**2 * slope
            exact = R + 2 * current**2 * R * slope / rate
            found = film.small.at(point.state).impedance(s)
            worst = max(worst, abs(found / exact - 1))
    record("impedance of a sheet film with one thermal time: closed form - 1", 1e-6, worst)
    assert worst < 1e-6


def at_rest(film):
    """Largest difference of Z(0) from dV/dI of the branch, over it, but for folds and extrema."""
    worst = 0.0
    for point in film.branch.points:
        slope = point.d_drive / point.d_current
        if 10 < abs(slope) < 1e5:
            found = film.small.at(point.state).impedance(0.0)
            worst = max(worst, abs(found / slope - 1))
    return worst


@pytest.mark.serial
def test_impedance_at_rest_is_the_slope_of_the_branch(spreading, record):
    errors = {"half-space": at_rest(spreading), "sheet": at_rest(traced(SHEET, *STRIP, limit=12.0))}
    for name, error in errors.items():
        record(f"impedance at rest over dV/dI of the branch - 1, {name}", 1e-6, error)
        assert error < 1e-6


@pytest.mark.three_ranks
@pytest.mark.parametrize("name", ["half-space", "sheet"])
def test_impedance_is_the_same_on_several_ranks(name, record):
    size = MPI.COMM_WORLD.size
    if size == 1:
        pytest.skip("compares several ranks with one")
    asked = {"half-space": (SHIPPED, *SPREADING), "sheet": (SHEET, *STRIP, "mesh.size=10 um")}[name]
    films = [traced(*asked, limit=4.0, comm=comm) for comm in (MPI.COMM_WORLD, MPI.COMM_SELF)]
    worst = 0.0
    for here, there in zip(*(film.branch.points[1:] for film in films), strict=True):
        for s in (1e3j, 1e6j):
            states = zip(films, (here, there), strict=True)
            Z, alone = (film.small.at(point.state).impedance(s) for film, point in states)
            worst = max(worst, abs(Z / alone - 1))
    record(f"impedance on {size} ranks and on one, {name}", 1e-7, worst)
    assert 0 <= worst < 1e-7


def pencil(film, state, circuit):
    """Matrices A and B of A x = s B x for film's fields and voltage, and source's current."""
    linearised = film.small.at(state)
    solvers = linearised._solver_at
    nodes = len(linearised._gradient)
    A, B = (np.zeros((2 * nodes + 2,) * 2) for _ in range(2))
    A[:-2, :-2], A[:-2, -2] = solvers._jacobian.toarray(), linearised._by_voltage.ravel()
    B[:-2, :-2] = -solvers._capacity.toarray()
    # Charge: I_source - I_film = C dV/dt; voltages: -R I_source - V = L dI_source/dt.
    A[-2, :-2], A[-2, -2:] = -linearised._gradient.ravel(), (-linearised._conductance, 1.0)
    A[-1, -2:] = -1.0, -circuit.load
    B[-2, -2], B[-1, -1] = circuit.capacitance, circuit.inductance
    return A, B


@pytest.mark.serial
def test_hopf_points_are_those_of_the_eigenvalues(record):
    """All eigenvalues of a film on a sheet in its circuit; the fastest pair is on the axis."""
    film = traced(SHEET, *STRIP, "mesh.size=10 um", limit=25.0)
    worst = 0.0
    for point in film.stable():
        found = critical("inductance", film.small.at(point.state).impedance, SeriesCircuit(), SPAN)
        if not found:
            continue
        A, B = pencil(film, point.state, SeriesCircuit(inductance=found.value))
        rates = scipy.linalg.eigvals(A, B)
        rates = rates[np.isfinite(rates) & (abs(rates) < 1e12)]
        fastest = max(rates, key=lambda rate: (round(rate.real, 3), rate.imag))
        omega = 2 * np.pi * found.frequency
        worst = max(worst, abs(fastest.real / omega), abs(abs(fastest.imag) / omega - 1))
    record("Hopf points from the impedance: real part of the eigenvalues over omega", 1e-6, worst)
    assert 0 < worst < 1e-6


def perturbed(film, point, circuit):
    """A state of the branch in time, the current of the source being larger by 1e-4."""
    film.substrate.start_step(film.substrate.initial_state, np.inf)
    state, V = point.state, point.state.reading.V_device
    thermal = film.substrate.thermal_state(state.unknown[:, 1])
    still = np.zeros_like(thermal), np.zeros_like(state.unknown), 0.0
    extra = 1e-4 * state.current
    voltage_rate = current_rate = 0.0
    if circuit.capacitance:
        voltage_rate = extra / circuit.capacitance
    if circuit.inductance:
        current_rate = -circuit.load * extra / circuit.inductance
    at = CircuitState(V, state.current + extra, voltage_rate, current_rate, point.drive)
    return TransientState(0.0, state, thermal, *still, at, 0.0)


def growth(film, point, circuit, frequency, periods=6, steps=40):
    """Growth per period of the small oscillation of a state in its circuit, in time."""
    newton, contacts = film.small.newton, film.prepared.device.contact_resistance
    stepper = Stepper(newton, film.substrate, Tolerance(), circuit=circuit)
    source = Source(True, point.drive, circuit, contacts, stepper.scales)
    at, voltages = perturbed(film, point, circuit), []
    for _ in range(periods * steps):
        at = stepper.step(at, 1 / frequency / steps, lambda _: source).end
        voltages.append(at.circuit.voltage)
    turns = [v for a, v, b in zip(voltages, voltages[1:], voltages[2:]) if (v - a) * (b - v) < 0]  # noqa: B905
    swings = np.log(np.abs(np.diff(turns)))
    return 2 * np.polyfit(np.arange(len(swings)), swings, 1)[0]


VO2 = (
    "geometry.domain=quarter",
    "mesh.size=10 um",
    "mesh.edge_size=10 um",
    "mesh.cells_across=1",
    "film.thermal_conductivity=2500 W/(m K)",  # no filament grows
    f"heat_capacity.film={CAPACITY} J/(m3 K)",
    "circuit.load=50 kohm",
    'protocol=[{ step = "ramp", to = "60 V" }]',
    ASKED,
)
ONSETS = {
    "capacitance, sheet": (SHEET.with_name("vo2.toml"), VO2, 45.0),
    "inductance, half-space": (SHIPPED, (*SPREADING, "contact.heat=none"), 19.0),
}


@pytest.mark.serial
@pytest.mark.parametrize("name", ONSETS)
def test_small_oscillations_grow_in_time_beyond_the_critical_value(name, record):
    file, overrides, limit = ONSETS[name]
    film = traced(file, *overrides, limit=limit)
    element, load = name.partition(",")[0], film.prepared.load
    point = film.stable()[-1]
    found = critical(element, film.small.at(point.state).impedance, SeriesCircuit(load=load), SPAN)
    below, above = (
        growth(film, point, SeriesCircuit(load=load, **{element: f * found.value}), found.frequency)
        for f in (0.99, 1.01)
    )
    assert below < 0 < above
    onset = 0.99 + 0.02 * below / (below - above)
    record(f"onset of oscillation in time over the Hopf point - 1: {name}", "1%", abs(onset - 1))
    assert abs(onset - 1) < 2e-3
