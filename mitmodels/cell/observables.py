"""Observed quantities of a metallization cell: what its tables show, what experiments refer to.

They are read off the end of a time step, `mitmodels.solvers.cell.events.TimePoint`.
"""

import math
from dataclasses import replace
from typing import Any

from mitmodels.drive.observable import Observable, Observables

MEASURABLE = 1e-15  # [A] least current that figures and progress show


def _resistance(point: Any) -> float:
    """Resistance of the cell, at rest that of small voltages; infinite if nothing conducts."""
    conductance = float(point.state.conductance)
    return 1 / conductance if conductance else math.inf


def _tip_radius(point: Any) -> float:
    outline = point.shape.outline
    return float(outline.profile([outline.height])[0])


CELL = Observables[Any](
    "a cell",
    (
        Observable("t", "s", lambda point: point.t),
        Observable("V_source", "V", lambda point: point.state.V_source),
        Observable("V_cell", "V", lambda point: point.state.V_cell),
        Observable("I", "A", lambda point: point.state.I),
        Observable("R", "ohm", _resistance),
        Observable("channels", "", lambda point: point.channels),
        Observable("I_ion", "A", lambda point: point.state.I_ion),
        Observable("charge", "C", lambda point: point.charge),
        Observable("gap", "m", lambda point: point.gap),
        Observable("gap_radius", "m", lambda point: point.gap_radius),
        Observable("tip_height", "m", lambda point: point.shape.outline.tip_height),
        Observable("tip_radius", "m", _tip_radius),
        Observable("T_max", "K", lambda point: point.state.T_max),
        Observable("volume", "m3", lambda point: point.shape.outline.volume),
        Observable("dt", "s", lambda point: point.dt),
        Observable(
            "unknowns", "", lambda point: point.meshed.fields.space.dofmap.index_map.size_global
        ),
    ),
    {"V": "V_cell", "V_device": "V_cell", "time": "t"},
)


def _stored(point: Any) -> float:
    """Energy in capacitance and inductance [J]."""
    return float(point.meshed.cell.model.circuit.energy(point.circuit.state))


CELL_IN_CIRCUIT = replace(
    CELL,
    columns=(
        *CELL.columns,
        Observable("I_source", "A", lambda point: point.circuit.state.current),
        Observable("E_stored", "J", _stored),
    ),
)
