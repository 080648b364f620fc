"""Readings of films whose numbers are changed, solved for on the mesh and from the state of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mpi4py import MPI

import numpy as np

from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.device import FilmDevice, build_device, build_solver
from mitmodels.cases.film.sensitivity.lengths import lengths_of
from mitmodels.cases.film.sensitivity.numbers import Number, perturbed
from mitmodels.cases.film.sensitivity.readings import Derivation
from mitmodels.cases.film.steady_branch import continuation
from mitmodels.cases.film.steady_config import Prepared
from mitmodels.film.observables import READ_AT
from mitmodels.solvers.film.adjoint.extrema import moved, sharpened
from mitmodels.solvers.film.adjoint.lengths import Length
from mitmodels.solvers.film.adjoint.readings import Readings
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.constraints import Drive, drive_at, temperature_at
from mitmodels.solvers.film.interfaces import Array, Constraint, State
from mitmodels.solvers.film.points import Point
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate

_TIGHT = 1e-12


@dataclass(frozen=True, eq=False)
class ChangedFilm:
    """A film with other numbers beside the one that a derivation is of."""

    original: Derivation
    branch: Branch
    prepared: Prepared

    @classmethod
    def of(
        cls, original: Derivation, changes: Mapping[str, float], numbers: Mapping[str, Number]
    ) -> "ChangedFilm":
        """Change numbers by fractions of themselves."""
        prepared = original.prepared
        config, device = prepared.config, prepared.device
        for key, change in changes.items():
            config = perturbed(numbers[key], config, change)
        lengths = {k: x for k, x in lengths_of(prepared.config).items() if k in changes}
        if lengths:
            moves = {x: changes[k] for k, x in lengths.items()}
            device = _moved(prepared.config, moves)
            far = _displaced(np.array([[float(config.geometry.far), 0.0]]), moves)[0, 0]
            config = Number("geometry.far", 1.0, "m").scaled(config, 0.0, far)
        if "substrate.thickness" in changes:  # the modes of a slab scale with it, all of them
            size = min(config.mesh.size, config.mesh.edge_size) * (
                1 + changes["substrate.thickness"]
            )
            mesh = config.mesh.model_copy(update={"size": size, "edge_size": size})
            config = config.model_copy(update={"mesh": mesh})
        layer = replace(device.layer, thickness=float(config.geometry.thickness))
        device = replace(device, config=config, layer=layer)
        prepared = replace(prepared, config=config, device=device)
        substrate = original.trace.newton.substrate
        spreads = isinstance(substrate, HalfSpaceSubstrate) and not lengths
        newton = build_solver(device, substrate.operator if spreads else None)
        return cls(original, Branch(continuation(prepared, newton), ()), prepared)

    def __call__(self, name: str) -> float:
        """Read a key figure, or an observed quantity at a voltage."""
        found, read = self.original(name), Readings(self.newton, self.prepared.load)
        if " at " in name:
            quantity, _, voltage = name.removesuffix(" V").partition(" at ")
            held = drive_at(Drive.voltage_source(self.prepared.series), float(voltage), 1.0)
            return read(quantity, self._solved(found.state, held)).value
        if name == "V_full":
            place = READ_AT["T_edge"]
            hot = float(self.prepared.config.film.barrier_temperature)
            held = temperature_at(self.newton.layout, self.newton.pick(place), hot)
            return read("V_source", self._solved(found.state, held)).value
        if name in ("d_nucleated", "R_switched"):
            drive, scale = self.trace.drive, self.trace.drive_scale
            held = drive_at(drive, self._fold(0), scale)
            quantity = "R" if name == "R_switched" else "barrier_width"
            return read(quantity, self._solved(found.state, held)).value
        if name in ("I_max", "V_at_I_max", "P_switch", "I_hold"):
            point = self.original.minimum if name == "I_hold" else self.original.maximum
            quantity = {"V_at_I_max": "V_source", "P_switch": "P"}.get(name, "I")
            state = self._extremum(point, drive=False).state
            return read(quantity, state).value
        return self._fold(int(name.endswith("down")))

    @property
    def trace(self):
        """Continuation of the film."""
        return self.branch.continuation

    @property
    def newton(self):
        """Solver of the film."""
        return self.trace.newton

    def _fold(self, number: int) -> float:
        folds = self.original.branch.folds
        return self._extremum(folds[number], drive=True).drive

    def _extremum(self, point: Point, drive: bool) -> Point:
        line = self.trace.along(point)
        state = self._solved(point.state, line)
        near = self.trace.point_at(state, point.s, line)
        slope = (lambda p: p.d_drive) if drive else (lambda p: p.d_current)
        return sharpened(self.trace, near, moved(self.trace, near, 0.02), slope)

    def _solved(self, state: State, held: Constraint) -> State:
        unknown = state.unknown.copy()
        unknown[:, 1] *= self._scale
        return self.newton.solve(held, unknown, state.voltage, 20, _TIGHT)

    @cached_property
    def _scale(self) -> float:
        """Unit of the heat into the substrate of the one film over that of the other."""
        original = self.original.trace.newton
        if not isinstance(original.substrate, HalfSpaceSubstrate):
            return 1.0
        return original.film.power_scale / self.newton.film.power_scale


def _moved(config: SteadyConfig, changes: Mapping[Length, float]) -> FilmDevice:
    """Device on a mesh that lengths have moved by fractions of themselves."""
    device = build_device(config, MPI.COMM_SELF)
    for mesh in {device.plan.mesh, device.layer.mesh}:
        mesh.geometry.x[:, :2] = _displaced(mesh.geometry.x[:, :2], changes)
    return device


def _displaced(places: Array, changes: Mapping[Length, float]) -> Array:
    """Places that lengths have moved by fractions of themselves."""
    pairs = [(x.motion, change * x.value) for x, change in changes.items() if x.motion]
    return places + sum((change * motion(places) for motion, change in pairs), 0 * places)


def differences(
    derivation: Derivation,
    changes: Mapping[str, float],
    numbers: Mapping[str, Number],
    names: Sequence[str],
    step: float = 1e-3,
) -> Array:
    """Extrapolated differences of readings along a direction in the logarithms of the numbers."""

    def at(size: float) -> Array:
        film = ChangedFilm.of(derivation, {k: size * x for k, x in changes.items()}, numbers)
        return np.array([film(name) for name in names])

    near, far = ((at(h) - at(-h)) / (2 * h) for h in (step, 2 * step))
    return (4 * near - far) / 3
