"""Film with a memory: its Jacobian, the law that it ends in, resumption, ranks, R(T) unbiased."""

from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
from films import PULSE, in_time, ramps

from mitmodels.cases.film.laws.ambient_history import resistances
from mitmodels.cases.film.transient import follow
from mitmodels.solvers.film.checkpoint import TransientCheckpoint
from mitmodels.solvers.film.constraints import Drive, Linear

FILE = Path(__file__).parents[1] / "helpers" / "remembers.toml"
TINY = ("mesh.size=5 um", "mesh.edge_size=1 um", "mesh.cells_across=10", "numerics.error=1 K")
COARSE = (
    *("mesh.size=10 um", "mesh.edge_size=4 um", "mesh.cells_across=4", "geometry.far=250 um"),
)
VARIED = 'quantity = "resistivity", amplitude = "0.3", correlation_length = "3 um", seed = 1'
DISORDER = f"inhomogeneity={{ {VARIED} }}"
LAW = {"cold": "2e-3 ohm m", "hot": "6e-6 ohm m", "width": "3 K"}
COMMON = {"thermal_conductivity": "5 W/(m K)", "barrier_temperature": "340 K"}
PLAIN = {"law": "logarithmic", "temperature": "340 K"}
CLOSED = {"law": "hysteresis", "temperature_up": "340 K", "temperature_down": "340 K"}


def film_of(**keys):
    given = {**keys, **LAW, **COMMON}
    return f"film={{ {', '.join(f'{key} = "{value}"' for key, value in given.items())} }}"


def rows(film):
    """Time, current, resistance and largest temperature of the steps of a film's protocol."""
    readings = [(f.point.time, f.point.state.state.reading) for f in film.follow()]
    return np.array([(t, r.I, r.R, r.T_max) for t, r in readings])


@pytest.mark.serial
def test_jacobian_against_finite_differences(record):
    """A part of the film goes on heating, the rest has turned; no quadrature point is at a kink."""
    even = in_time(*TINY, file=FILE)
    stepper, newton = even.stepper, even.stepper.newton
    layout, space = newton.layout, newton.film.space
    state = stepper.step(even.rest().state, 1e-7, lambda _: even.condition(0.0)).end.state
    x, y = space.tabulate_dof_coordinates()[: newton.film.owned, :2].T
    T = 341.0 + 2 * np.cos(4e5 * x) * np.sin(3e5 * y)
    newton.film.memory = T - 4.0 + np.where(y > 2.4e-6, -8.0, 2.0)
    psi = layout.owned(state.unknown[:, 0])
    unknown = layout.gather(np.column_stack([psi, T]))
    direction = np.column_stack([np.cos(3e5 * y), 0.5 + np.sin(4e5 * y)])
    change = np.where(newton.film.fixed, 0.0, direction)
    change = layout.gather(change)
    condition = Linear(Drive.voltage_source(100.0), 3.0)
    newton.system.linearise(unknown, 3.0, condition)
    rows, last = newton.system.jacobian_times(change, 0.5 / newton.film.voltage_scale)
    h = 1e-4
    (up, c_up), (down, c_down) = (
        newton.system.residual(unknown + s * change, 3.0 + s * 0.5, condition) for s in (h, -h)
    )
    slope = (up - down) / (2 * h) - rows
    error = np.sqrt(layout.dot(slope, slope) / layout.dot(rows, rows))
    record("film with a memory: Jacobian against finite differences", 1e-6, error)
    assert error < 1e-6
    assert (c_up - c_down) / (2 * h) == pytest.approx(last, rel=1e-6)


@pytest.mark.serial
def test_without_a_difference_a_device_is_that_of_the_law_without_a_memory(record):
    """Residual and Jacobian of the same state; whole runs agree as far as Newton's method ends."""
    found = []
    for law in (PLAIN, CLOSED):
        newton = in_time(*TINY, film_of(**law), file=FILE).stepper.newton
        T = 341.0 + 8 * np.cos(5e5 * newton.film.space.tabulate_dof_coordinates()[:, 0])
        newton.film.memory = T + 3.0
        unknown = np.column_stack([np.linspace(-0.5, 0.5, len(T)), T])
        condition = Linear(Drive.voltage_source(100.0), 3.0)
        newton.system.linearise(unknown, 3.0, condition)
        rows, _ = newton.system.jacobian_times(np.cos(unknown), 0.1)
        found.append(np.stack([rows, newton.system.residual(unknown, 3.0, condition)[0]]))
    error = np.abs(found[1] - found[0]).max() / np.abs(found[0]).max()
    record(
        "film in time, T_up = T_down: residual and Jacobian of the law without one", 1e-10, error
    )
    assert error < 1e-10


@pytest.mark.serial
def test_resistance_of_the_unbiased_film(record):
    """One solution and the law give R(T) of a film with contacts and disorder."""
    given = (*TINY, DISORDER, "contact.resistance_width=1 kohm um")
    errors = []
    whole = in_time(*given, file=FILE)
    contacts = whole.prepared.device.contact_resistance
    R = whole.rest().state.state.reading.R
    T, found = resistances(whole.prepared.config, R - contacts, contacts)
    for at in (200, 400, 500, 700, len(T) - 1):
        history = [f'"{t!r} K"' for t in T[: at + 1 : 100].tolist()]
        there = (
            f'ambient={{ temperature = "{float(T[at])!r} K", history = [{", ".join(history)}] }}'
        )
        solved = in_time(*given, there, file=FILE).rest().state.state.reading.R
        errors.append(abs(found[at] / solved - 1))
    record("R(T) of an unbiased film with disorder over the solved one - 1", 1e-12, max(errors))
    assert max(errors) < 1e-12


def film(kind, comm=MPI.COMM_WORLD):
    """Film that is heated unevenly and remembers it, on a sheet or on the half-space."""
    steps = ("numerics.error=2 K", "numerics.relative_error=0.02", "numerics.parts=5")
    if kind == "sheet":
        pulse = ramps("0.6 mA", "0.1 mA", rate="600 A/s")
        return in_time(*TINY, DISORDER, *steps, pulse, file=FILE, comm=comm)
    ambient = 'ambient={ temperature = "338 K", history = ["370 K", "330 K"] }'
    pulse = ramps("1 mA", "0.1 mA", rate="100 A/s")
    law = film_of(law="hysteresis", temperature_up="344 K", temperature_down="336 K")
    given = (*COARSE, *steps, law, ambient, pulse, "output.fields_at={}")
    return in_time(*given, file=PULSE, comm=comm)


@pytest.mark.serial
@pytest.mark.parametrize("kind", ["sheet", "half-space"])
def test_resumed_film_remembers(kind, record):
    """A film goes on from what a checkpoint holds: the same steps, currents and memory."""
    first = film(kind)
    found = list(first.follow())
    number = 2 * len(found) // 3
    middle = found[number].point.state
    first.stepper.set_fields(middle)  # as the next step begins: what was accepted is unchanged
    reading, newton = middle.state.reading, first.stepper.newton
    assert newton.film.conductance() * reading.V_film == pytest.approx(reading.I, rel=1e-13)
    packed = TransientCheckpoint(first.stepper).pack(found[number].point)
    again = film(kind)
    begin = TransientCheckpoint(again.stepper).unpack(packed)
    rest = list(follow(again.prepared, again.stepper, found[number].position, begin))
    assert len(rest) == len(found) - number - 1
    last, expected = rest[-1].point.state, found[-1].point.state
    assert np.ptp(expected.memory) > 1.0
    error = max(
        abs(last.state.reading.R / expected.state.reading.R - 1),
        np.abs(last.memory / expected.memory - 1).max(),
    )
    record(f"{kind} with a memory, resumed: resistance and memory - 1", 1e-10, error)
    assert error < 1e-10


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.parametrize("kind", ["sheet", "half-space"])
def test_ranks_agree(kind, record):
    found, alone = (rows(film(kind, comm)) for comm in (MPI.COMM_WORLD, MPI.COMM_SELF))
    assert len(found) == len(alone)
    error = np.abs(found[1:] / alone[1:] - 1).max()
    record(f"{kind} with a memory: ranks against one rank", 1e-8, error)
    assert error < 1e-8
