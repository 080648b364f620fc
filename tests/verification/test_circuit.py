"""A film in a circuit with states of its own: step response, order, balances, ranks."""

from mpi4py import MPI

import numpy as np
import pytest
import scipy.linalg
from films import SHEET, in_time

from mitmodels.cases.film.crossings import COMPLIANCE, observables

NEURON = SHEET.with_name("neuron.toml")
STORED = "heat_capacity.film=3e6 J/(m3 K)"
EVEN = ("mesh.size=50 um", "mesh.degree=1", "contact.thermal=free", STORED)
OHMIC = (
    'film={ law = "table", temperatures = ["80 K", "400 K"], resistivities = ["2e-6 ohm m", '
    '"2e-6 ohm m"], thermal_conductivity = "25 W/(m K)", barrier_temperature = "340 K" }'
)
FILM, LOAD, L, C = 200.0, 100.0, 5e-6, 1e-9  # [ohm, H, F]
RISE, HOLD = 0.05e-6, 0.3e-6  # to 1 V [s]
STEP = (
    f'protocol=[{{ step = "ramp", to = "1 V", duration = "{RISE} s" }}, '
    f'{{ step = "hold", duration = "{HOLD} s" }}]'
)
SHORT = "protocol.1.duration=0.03 us"
RLC = f'circuit={{ load = "{LOAD} ohm", inductance = "{L} H", capacitance = "{C} F" }}'
COARSE_STEPS = ("numerics.error=2 K", "numerics.relative_error=1e-2", "numerics.circuit_error=0.1")


def response(t, series=np.inf):
    """Current of the source, voltage of the film behind load and inductance, charge; closed form.

    The charge is that of the source, which a capacitance in ``series`` holds.
    """
    matrix = np.zeros((5, 5))  # of current, voltage, charge, source and its slope
    matrix[:4] = [
        [-LOAD / L, -1 / L, -1 / (L * series), 1 / L, 0],
        [1 / C, -1 / (FILM * C), 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1],
    ]
    state = scipy.linalg.expm(matrix * min(t, RISE)) @ [0, 0, 0, 0, 1 / RISE]
    if t > RISE:
        state[4] = 0.0
        state = scipy.linalg.expm(matrix * (t - RISE)) @ state
    return state[:3]


def states(film):
    return [f.point.state for f in film.follow()]


@pytest.mark.serial
@pytest.mark.parametrize(("name", "series"), [("R, L, C", np.inf), ("R, L, two C", 2e-9)])
def test_step_response_of_a_linear_film(record, name, series):
    """At default tolerances; what the source gives is found in film, load and all stores."""
    held = (f"circuit.series_capacitance={series} F", SHORT) if np.isfinite(series) else ()
    film = in_time(*EVEN, OHMIC, RLC, STEP, *held, file=SHEET)
    found = states(film)
    values = np.array([(at.circuit.current, at.circuit.voltage, at.circuit.charge) for at in found])
    expected = np.array([response(at.time, series) for at in found])
    error = np.max(np.abs(values - expected).max(axis=0) / np.abs(expected).max(axis=0))
    record(f"linear film with {name}: step response against the closed form", 1e-6, error)
    end, last = found[-1].circuit, found[-1]
    charge = abs(end.charge - end.passed - C * end.voltage) / end.charge
    stored = film.stepper.circuit.energy(end)
    energy = abs(end.work - end.heat - last.work - stored) / end.work
    record(f"linear film with {name}: charge of the source, film and capacitance", 1e-12, charge)
    record(f"linear film with {name}: energy of the source, Joule heat and stored", 1e-6, energy)
    assert error < 1e-6
    assert charge < 1e-12
    assert energy < 1e-6


@pytest.mark.serial
def test_order_of_the_step_response(record):
    film = in_time(*EVEN, OHMIC, RLC, STEP, file=SHEET)

    def error(steps):
        at = film.rest().state
        for duration in (RISE, HOLD / 2):
            for _ in range(steps):
                at = film.stepper.step(
                    at, duration / steps, lambda t: film.condition(min(t / RISE, 1.0))
                ).end
        return np.abs(
            np.array((at.circuit.current, at.circuit.voltage)) - response(at.time)[:2]
        ).max()

    errors = np.array([error(n) for n in (10, 20, 40)])
    order = np.log2(errors[:-1] / errors[1:])
    record("linear film with R, L, C: order of TR-BDF2 = 2", 0.1, str(order.round(3)))
    assert order == pytest.approx(2.0, abs=0.1)


@pytest.mark.serial
def test_parasitic_capacitance_behind_a_compliance_is_charged_by_its_limit(record):
    limit = 1e-3
    circuit = f'circuit={{ compliance = "{limit} A", capacitance = "{C} F" }}'
    film = in_time(*EVEN, OHMIC, circuit, STEP, "numerics.circuit_error=1e-6", file=SHEET)
    found = list(film.follow())
    begin = next(f.point.state for f in found if COMPLIANCE in f.events)
    behind = [f.point.state for f in found if f.point.time >= begin.time]
    t = np.array([at.time for at in behind]) - begin.time
    V = np.array([at.circuit.voltage for at in behind])
    full = limit * FILM
    error = np.abs(V - full + (full - V[0]) * np.exp(-t / (FILM * C))).max() / full
    excess = max(at.circuit.current for at in behind) / limit - 1
    record("capacitance behind a compliance: voltage against the closed form", 1e-4, error)
    assert error < 1e-4
    assert abs(excess) < 1e-6


@pytest.mark.serial
def test_source_of_current_charges_the_capacitance(record):
    """Its voltage is that of film and load."""
    steps = STEP.replace("1 V", "1 mA")
    circuit = f'circuit={{ load = "{LOAD} ohm", capacitance = "{C} F" }}'
    film = in_time(*EVEN, OHMIC, circuit, steps, "numerics.circuit_error=1e-6", file=SHEET)
    *_, last = found = states(film)
    tau, t = FILM * C, last.time
    V = FILM * 1e-3 * (1 - tau / RISE * (np.exp(RISE / tau) - 1) * np.exp(-t / tau))
    shown = observables(film.prepared).row(last)
    error = abs(last.circuit.voltage / V - 1)
    record("source of current with a capacitance: voltage against the closed form", 1e-4, error)
    assert error < 1e-4
    assert shown["V_source"] == pytest.approx(last.circuit.voltage + LOAD * 1e-3, rel=1e-9)
    assert shown["I_source"] == pytest.approx(1e-3, rel=1e-9)
    assert shown["E_stored"] == pytest.approx(C * last.circuit.voltage**2 / 2, rel=1e-12)
    assert found[-1].state.current < 1e-3


@pytest.mark.serial
def test_inductance_alone_delays_the_current(record):
    circuit = f'circuit={{ inductance = "{L} H" }}'
    film = in_time(*EVEN, OHMIC, circuit, STEP, "numerics.circuit_error=1e-6", file=SHEET)
    *_, last = states(film)
    tau, t = L / FILM, last.time
    expected = (1 - tau / RISE * (np.exp(RISE / tau) - 1) * np.exp(-t / tau)) / FILM
    error = abs(last.state.current / expected - 1)
    record("inductance in series with a linear film: current against the closed form", 1e-4, error)
    assert error < 1e-4


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.three_ranks
def test_ranks_agree_in_a_circuit(record):
    def rows(comm):
        film = in_time(*COARSE_STEPS, "protocol.1.duration=1.3 us", file=NEURON, comm=comm)
        return np.array([(a.time, a.circuit.voltage, a.state.current) for a in states(film)])

    found, alone = rows(MPI.COMM_WORLD), rows(MPI.COMM_SELF)
    assert len(found) == len(alone)
    error = np.abs(found[1:] / alone[1:] - 1).max()
    record("film in a circuit: ranks against one rank", 1e-7, error)
    assert error < 1e-7
