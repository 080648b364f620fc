"""Growing filament as arrays that any number of ranks can take up again.

The mesh is part of them: a new one for the same outline would change the current.
"""

from collections.abc import Mapping
from dataclasses import astuple, fields
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from mitmodels.cell.circuit import CircuitPoint
from mitmodels.circuit import CircuitState
from mitmodels.meshes.ecm_stack import EcmMesh
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.fields import CellState
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl, MeshedCell
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.numbering import Numbering

Arrays = Mapping[str, npt.NDArray[Any]]

_POINT = ("t", "dt", "charge", "next", "waiting", "nuclei", "expected")
_STATE = tuple(field.name for field in fields(CellState))
_REST = ("circuit", "outline", "made_for", "mesh", "memory")
LAYOUT = (*_POINT, *(f"state_{name}" for name in _STATE), *_REST)


def pack_growth(point: TimePoint) -> Arrays:
    """Return what the growth goes on from after a time point. Collective.

    What belongs to mesh and fields is there on rank 0 only.
    """
    meshed = point.meshed
    packed = {name: np.array(getattr(point, name)) for name in _POINT}
    packed |= {f"state_{name}": np.array(getattr(point.state, name)) for name in _STATE}
    circuit = point.circuit
    packed["circuit"] = np.array([circuit.time, circuit.conductance, *astuple(circuit.state)])
    packed["outline"] = point.shape.outline.points
    packed["made_for"] = meshed.made_for.points
    packed |= {f"mesh_{k}": v for k, v in meshed.mesh.pack(meshed.motion.start).items()}
    for i, field in enumerate(meshed.fields.memory):
        owned = field.function_space.dofmap.index_map.size_local
        packed[f"memory_{i}"] = Numbering(field.function_space).gather(field.x.array[:owned])
    return packed


def unpack_growth(packed: Arrays, cell: Cell, control: MeshControl, comm: MPI.Comm) -> TimePoint:
    """Return the time point that `pack_growth` was given. Collective."""
    mesh = EcmMesh.unpack(
        {k.removeprefix("mesh_"): v for k, v in packed.items() if k.startswith("mesh_")}, comm
    )
    start, shape = (cell.shape(Outline(packed[name])) for name in ("made_for", "outline"))
    meshed = MeshedCell(cell, start, control, comm, mesh=mesh)
    meshed.motion.move(shape)
    for i, field in enumerate(meshed.fields.memory):
        owned = field.function_space.dofmap.index_map.size_local
        field.x.array[:owned] = Numbering(field.function_space).scatter(packed[f"memory_{i}"])
        field.x.scatter_forward()
    state = CellState(**{name: _plain(packed[f"state_{name}"]) for name in _STATE})
    point = {name: _plain(packed[name]) for name in _POINT}
    time, conductance, *values = packed["circuit"].tolist()
    circuit = CircuitPoint(time, conductance, CircuitState(*values))
    return TimePoint(**point, shape=shape, state=state, circuit=circuit, meshed=meshed)


def _plain(value: npt.NDArray[Any]) -> Any:
    return value if value.ndim else value.item()
