"""What the fields of a metallization cell say."""

from dataclasses import dataclass

from mitmodels.errors import RunError
from mitmodels.solvers.cell.outline import Array


class NotConvergedError(RunError):
    """A field could not be solved for."""


@dataclass(frozen=True, eq=False)
class CellState:
    """What the fields of a cell say; SI units.

    Attributes
    ----------
    V_source, V_cell : float
        Voltage of the source and what the compliance leaves of it.
    I, I_ion : float
        Electronic current and ionic current that plates the filament.
    I_dissolution : float
        Ionic current out of the active electrode.
    conductance : float
        I / V_cell.
    hopping : float
        Largest share of the cell's voltage that drops in the electrolyte.
    T_max : float
        Largest temperature.
    joule, tunnel, compliance : float
        Powers; their sum is V_source I.
    heat_out : float
        Heat through the outer faces of both electrodes.
    speed : ndarray, shape (n,)
        Normal speed of the outline at its nodes.
    """

    V_source: float
    V_cell: float
    I: float  # noqa: E741
    I_ion: float
    I_dissolution: float
    conductance: float
    hopping: float
    T_max: float
    joule: float
    tunnel: float
    compliance: float
    heat_out: float
    speed: Array
