"""States and events of a growing filament."""

from dataclasses import dataclass

import numpy as np

from mitmodels.cell.circuit import CircuitPoint
from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.fields import CellState
from mitmodels.solvers.cell.meshed_cell import Cell, MeshedCell

_ONSET = 0.5e-9  # [m]
SET = 0.5e-9  # [m] gap
_NO_GROWTH = 0.2e-9  # [m/s]


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes
    ----------
    t : float
        Time [s].
    name : str
        ``remesh``, ``rejected``, ``nucleation`` or one of the milestones of `milestones`.
    detail : str
        The reason.
    current_change, volume_change : float
        Relative changes across a remesh, else 0.
    """

    t: float
    name: str
    detail: str = ""
    current_change: float = 0.0
    volume_change: float = 0.0


@dataclass(frozen=True, eq=False)
class TimePoint:
    """End of an accepted time step.

    Attributes
    ----------
    t, dt : float
        Time and the step that led here [s].
    charge : float
        Ionic charge that has plated the filament [C].
    next : float
        Step that the error of the last one allows [s].
    shape : Shape
    state : CellState
    circuit : CircuitPoint
        At this time; behind it until the fields are solved for.
    meshed : MeshedCell
        Fields on the mesh in use; valid until the next point is asked for.
    log : tuple of Event
        What happened since the last point.
    events : tuple of str
        Names of the values on which the step ended.
    waiting : bool
        Whether there is no nucleus yet; the shape is that of the one to come.
    nuclei : int
        That have appeared so far.
    expected : float
        Number of nuclei to be expected since the wait began.
    """

    t: float
    dt: float
    charge: float
    next: float
    shape: Shape
    state: CellState
    circuit: CircuitPoint
    meshed: MeshedCell
    log: tuple[Event, ...] = ()
    events: tuple[str, ...] = ()
    waiting: bool = False
    nuclei: int = 0
    expected: float = 0.0

    @property
    def time(self) -> float:
        """Time [s]."""
        return self.t

    @property
    def channels(self) -> float:
        """Conductance of filament and gap over the quantum of conductance 2 e^2/h."""
        leakage = self.meshed.cell.model.leakage
        return (self.state.conductance - leakage) / CONDUCTANCE_QUANTUM

    @property
    def gap(self) -> float:
        """Smallest gap [m]."""
        return self.shape.nearest[0]

    @property
    def gap_radius(self) -> float:
        """Radius at which the gap is smallest [m]."""
        return self.shape.nearest[1]


def milestones(
    before: TimePoint, after: TimePoint, cell: Cell, contact: float
) -> tuple[Event, ...]:
    """Return what was reached between two time points, at the interpolated time.

    ``onset``: the tip is higher than 0.5 nm; ``dissolved``: it no longer is. ``void``: it passes
    the initial face of the active electrode. ``set``: the gap is smaller than 0.5 nm, across which
    nanoamperes tunnel. ``compliance``: 95 % of the limit of the current. ``no growth``: at the
    limit, no node is faster than 0.2 nm/s. ``melting``: the largest temperature passes the melting
    point. ``contact``: the gap is smaller than ``contact`` [m]. ``hopping limit``: half of the
    cell's voltage drops in the electrolyte, whose ions then set the speed. ``half the barrier``:
    the voltage of the cell passes half the height of the tunnel barrier, of which the linear
    law is an expansion at low voltage; ``the barrier``: the whole of it, up to which Simmons' law
    holds. ``point contact``: the gap conducts better than one quantum of conductance, so electrons
    pass it in an open channel.
    """
    tunnel = cell.model.tunnel
    bound = ("half the barrier", tunnel.height / 2)
    bound = bound if tunnel.law == "linear" else ("the barrier", tunnel.height)

    def margins(point: TimePoint) -> dict[str, float]:
        state, tip = point.state, point.shape.outline.tip_height
        limited = point.circuit.state.current / (0.95 * cell.model.circuit.limit) - 1
        slow = _NO_GROWTH / max(float(np.max(state.speed)), 1e-30) - 1
        return {
            "onset": tip / _ONSET - 1,
            "dissolved": 1 - tip / _ONSET,
            "void": tip / cell.stack.oxide - 1,
            "set": 1 - point.gap / SET,
            "compliance": limited,
            "no growth": min(limited, slow),
            "melting": state.T_max / cell.model.melting - 1,
            "contact": contact / point.gap - 1,
            "hopping limit": state.hopping / 0.5 - 1,
            bound[0]: abs(state.V_cell) / bound[1] - 1,
            "point contact": point.channels - 1,
        }

    found = []
    for (name, old), new in zip(margins(before).items(), margins(after).values(), strict=True):
        if old < 0 <= new:
            t = before.t + (after.t - before.t) * old / (old - new)
            found.append(Event(t, name))
    return tuple(found)
