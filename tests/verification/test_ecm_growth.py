"""A cell with 1.5 nm of oxide, from the nucleus to contact: 59 steps and 8 remeshes.

At 3 V/s the gap collapses within microseconds, so the steps fall by three decades and every
decision that rounding errors could flip is met.
"""

import weakref
from dataclasses import dataclass, replace

from mpi4py import MPI

import memory
import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT, grow

from mitmodels.cell.observables import CELL as CELL_SHOWN
from mitmodels.drive.landing import Crossing
from mitmodels.drive.waveform import through
from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell.electrode import Dissolution
from mitmodels.solvers.cell.events import Event, TimePoint
from mitmodels.solvers.cell.growth import Growth
from mitmodels.solvers.cell.heun import StepControl
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl, MeshedCell, Spacing

NM = 1e-9
COMM = MPI.COMM_WORLD
CELL = Cell(
    CU_SIO2_PT,
    EcmStack(radius=8 * NM, oxide=1.5 * NM, counter=3 * NM, active=3 * NM),
    Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=0.2 * NM),
)
# More ranks than cores wait for each other most of the time.
END = 0.6 if COMM.size < 3 else 0.41  # [s] behind the first remesh
RAMP = through([(0.0, 0.0), (END, 3 * END)])


@dataclass(frozen=True)
class Row:
    """What is kept of a time point."""

    t: float
    I: float  # noqa: E741
    gap: float
    loss: float  # of heat
    volume: float
    charge: float


def row(point: TimePoint) -> Row:
    state = point.state
    heat = state.joule + state.tunnel
    loss = abs(state.heat_out / heat - 1) if heat else 0.0
    return Row(point.t, state.I, point.gap, loss, point.shape.outline.volume, point.charge)


def growth(comm: MPI.Comm) -> tuple[list[Row], list[Event]]:
    rows, events = [], []
    for point in grow(CELL, RAMP, StepControl(), MeshControl(), comm):
        rows.append(row(point))
        events.extend(point.log)
    return rows, events


@pytest.fixture(scope="module")
def grown():
    return growth(COMM)


@pytest.mark.three_ranks
def test_ranks_agree_at_every_step(grown, record) -> None:
    """The whole communicator against every rank on its own."""
    if COMM.size == 1:
        pytest.skip("needs several ranks")
    alone = growth(MPI.COMM_SELF)
    assert len(alone[0]) == len(grown[0])
    assert [e.name for e in alone[1]] == [e.name for e in grown[1]]
    pairs = list(zip(alone[0], grown[0], strict=True))[1:]
    current = max(abs(np.log(a.I / b.I)) for a, b in pairs)
    t = max(abs(a.t - b.t) for a, b in pairs)
    record(f"growth on {COMM.size} ranks, ln I; t", "1e-6; 1e-6 s", f"{current:.1e}; {t:.1e} s")
    assert current < 1e-6
    assert t < 1e-6


@pytest.mark.three_ranks
def test_rank_that_fails_alone_waits_for_nobody() -> None:
    """What it does on its way out must not be collective, or the job never ends."""
    points = grow(CELL, RAMP, StepControl(), MeshControl(), COMM)
    last = next(points)  # held as by the traceback of an error
    if COMM.rank == 0:
        points.close()
    COMM.barrier()
    assert last.t == 0.0


def test_heat_and_volume_balance(grown) -> None:
    rows, first, last = grown[0], grown[0][0], grown[0][-1]
    assert max(r.loss for r in rows) < 1e-8
    plated = CU_SIO2_PT.deposit.volume_per_charge * last.charge
    assert last.volume - first.volume == pytest.approx(plated, rel=2e-3)


@pytest.mark.serial
def test_contact_is_an_event_and_the_end(grown, record) -> None:
    """The gap that is reported is the first below 0.05 nm, not one behind the electrode."""
    rows, events = grown
    contact = [e for e in events if e.name == "contact"]
    record("gap at contact", "below 0.05 nm", f"{rows[-1].gap / NM:.4f} nm")
    assert len(contact) == 1
    assert rows[-2].t < contact[0].t <= rows[-1].t < END
    assert rows[-2].gap > 0.05 * NM > rows[-1].gap > 0.04 * NM
    assert any(e.name == "rejected" for e in events)


@pytest.mark.serial
def test_point_contact_conducts_on_where_no_atom_fits_into_the_gap(record) -> None:
    """By Simmons' law, up to that of the open contact; and it dissolves under a reverse voltage."""
    tunnel = replace(CU_SIO2_PT.tunnel, law="simmons")
    cell = replace(CELL, model=replace(CU_SIO2_PT, tunnel=tunnel))
    there = through([(0.0, 0.0), (0.6, 1.8), (0.7, -1.2)])
    coarse = MeshControl(spacing=Spacing().refined(0.5))
    points = list(grow(cell, there, StepControl().refined(0.5), coarse, COMM))
    closed = [p for p in points if p.gap < 0.05 * NM]
    names = [event.name for p in points for event in p.log]
    record("smallest gap of a point contact", "0.04 to 0.05 nm", f"{closed[-1].gap / NM:.4f} nm")
    assert names.count("contact") == 1
    assert len(closed) > 2
    assert {p.gap for p in closed if p.state.V_source > 0} == {closed[0].gap}
    assert closed[1].state.I_ion == 0.0 < closed[1].state.I
    assert points[-1].t == 0.7
    assert points[-1].gap > 1.8 * closed[0].gap


def until(crossing: Crossing, mesh: MeshControl | None = None) -> list[TimePoint]:
    """Points up to the one that ends on a crossing."""
    growth = Growth(CELL, RAMP, StepControl(), mesh or MeshControl(), COMM)
    points = [growth.seed()]
    while not points[-1].events:
        points.append(growth.advance(points[-1], (crossing,)))
    return points


@pytest.mark.serial
def test_step_ends_on_a_value_that_only_the_jump_of_a_new_mesh_would_pass(record) -> None:
    """Half of a jump: the old mesh goes on up to there."""
    coarse = MeshControl(spacing=Spacing().refined(0.3), longest_segment=1.6)
    never = Crossing("never", lambda point: point.state.I, 1e-8)
    free = next(p for p in until(never, coarse) if any(e.current_change > 1e-3 for e in p.log))
    jump = max(event.current_change for event in free.log)
    value = free.state.I * (1 - jump / 2)
    last = until(Crossing("half", lambda point: point.state.I, value, ">"), coarse)[-1]
    error = last.state.I / value - 1
    record("current within the jump of a new mesh", "1e-6", f"{error:.1e} of {jump:.1e}")
    assert 0 <= error < 1e-6
    assert free.t < last.t < free.t + free.dt
    assert not any(event.name == "remesh" for event in last.log)


@pytest.mark.serial
@pytest.mark.parametrize(
    ("name", "value"), [("I", 1e-15), ("I", 1e-9), ("gap", 0.4 * NM), ("T_max", 300.01)]
)
def test_step_ends_on_the_value_of_a_quantity(name, value, record) -> None:
    read = CELL_SHOWN.find(name).read
    last = until(Crossing(name, read, value))[-1]
    error = abs(read(last) / value - 1)
    record(f"{name} at the end of a step that should end at {value:g}", "1e-6", f"{error:.1e}")
    assert last.events == (name,)
    assert error <= 1e-6


@pytest.mark.parametrize("remeshes", [12, pytest.param(1000, marks=pytest.mark.slow)])
def test_remeshes_keep_their_memory(remeshes, record) -> None:
    """A mesh and its PETSc objects end with the next one: of several ranks no collector frees them.

    The objects of the motion alone are 0.4 MiB of each mesh on two ranks.
    """
    control = MeshControl(spacing=Spacing().refined(0.5))
    shape, meshed, last, begin = CELL.nucleus(), None, None, 0
    for number in range(remeshes + 1):
        meshed = MeshedCell(CELL, shape, control, COMM, previous=meshed)
        meshed.evaluate(shape, 0.5)
        assert last is None or last() is None
        last = weakref.ref(meshed)
        if number == 4:
            begin = memory.present()
    grown = (memory.present() - begin) / 2**20
    record(f"memory of {remeshes} remeshes", "2 MiB", f"{grown:.1f} MiB")
    assert grown < 2.0
