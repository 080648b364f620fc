"""From derivatives by what the equations contain to those by the numbers of a TOML file."""

from collections.abc import Sequence
from functools import cached_property

from mpi4py import MPI

from dolfinx import fem

import numpy as np

from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.sensitivity.lengths import lengths_of
from mitmodels.cases.film.sensitivity.numbers import (
    AROUND,
    CHANGES,
    Inputs,
    Number,
    derivative,
    perturbed,
)
from mitmodels.solvers.film.adjoint.gradient import Gradient
from mitmodels.solvers.film.adjoint.lengths import Warming
from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate
from mitmodels.solvers.film.substrate.kirchhoff import Load

# Of a film's disorder, which varies over a small part of the lengths that move it.
_SMALL = (-2e-4, -1e-4, 1e-4, 2e-4)


class Chain:
    """Chain rule at the states of one film.

    What depends on a number in closed form is derived by extrapolated differences.

    Parameters
    ----------
    config : SteadyConfig
    keys : sequence of Number
    newton : BorderedNewton
    """

    def __init__(
        self, config: SteadyConfig, keys: Sequence[Number], newton: BorderedNewton
    ) -> None:
        self.config, self.keys, self._newton = config, tuple(keys), newton
        self._inputs = [_Inputs(config, number) for number in self.keys]
        every, keyed = lengths_of(config), [number.key for number in self.keys]
        self._lengths = {key: length for key, length in every.items() if key in keyed}
        vertices = fem.functionspace(newton.film.device.mesh, ("Lagrange", 1))
        owned = vertices.dofmap.index_map.size_local
        self._places = vertices.tabulate_dof_coordinates()[:owned, :2]

    @property
    def moves(self) -> bool:
        """Whether some of the numbers move the mesh."""
        return any(length.motion for length in self._lengths.values())

    def __call__(self, state: State, gradient: Gradient) -> Array:
        """Derivatives by the numbers, then by the logarithms of local resistivity and local loss.

        The local ones are those of the owned vertices.
        """
        layout, substrate = self._newton.layout, self._newton.substrate
        around = {f"around.{name}": getattr(gradient, name) for name in AROUND}
        scalars = {**gradient.numbers, **around}
        load = None
        if isinstance(substrate, HalfSpaceSubstrate):
            load = substrate.load(state.unknown[:, 1])
        moved, found = self._by_lengths(state, gradient), []
        for number, inputs in zip(self.keys, self._inputs, strict=True):
            by = sum(scalars[name] * slope for name, slope in inputs.slopes.items())
            by += moved.get(number.key, 0.0) + self._by_disorder(number, gradient)
            if load is not None and inputs.moves_substrate:
                by += layout.dot(gradient.temperature, inputs.warming(load))
            elif load is None and number.key == "ambient.temperature":
                by += layout.dot(gradient.temperature, layout.gather(self._held))
            elif number.key == "film.resistivities":
                by += self._summed(gradient.resistivity)
            found.append(by)
        return np.concatenate([found, gradient.resistivity, gradient.loss])

    def _by_lengths(self, state: State, gradient: Gradient) -> dict[str, float]:
        """Derivatives by lengths, of the places of the mesh and of the substrate's operator."""
        found = dict.fromkeys(self._lengths, 0.0)
        for key, length in self._lengths.items():
            if length.motion and gradient.positions is not None:
                moved = gradient.positions * length.motion(self._places)
                found[key] += self._summed(moved)
        if found and isinstance(self._newton.substrate, HalfSpaceSubstrate):
            for key, change in zip(found, self._warming(state), strict=True):
                found[key] += self._newton.layout.dot(gradient.temperature, change)
        return found

    @cached_property
    def _warming(self) -> Warming:
        film, substrate = self._newton.film, self._newton.substrate
        assert isinstance(substrate, HalfSpaceSubstrate)
        return Warming(film, substrate, tuple(self._lengths.values()))

    def _by_disorder(self, number: Number, gradient: Gradient) -> float:
        """Derivative by what varies along the film, which stays in its place if the mesh moves."""
        if not self.config.inhomogeneity:
            return 0.0
        length = self._lengths.get(number.key)
        if not (length or number.key.startswith("inhomogeneity.")):
            return 0.0
        at = {}
        for change in _SMALL:
            section = perturbed(number, self.config, change).inhomogeneity
            places = self._places
            if length and length.motion:
                places = places + change * length.value * length.motion(places)
            at[change] = np.log(section.factor()(places))  # type: ignore[union-attr]
        local = getattr(gradient, self.config.inhomogeneity.quantity)
        return self._summed(local * derivative(at, number.value))

    def _summed(self, local: Array) -> float:
        return float(self._newton.film.comm.allreduce(local.sum(), MPI.SUM))

    @property
    def _held(self) -> Array:
        """1 where the temperature is held at the ambient one."""
        return np.ascontiguousarray(self._newton.film.fixed[:, 1])


class _Inputs:
    """How what the equations contain depends on one number."""

    def __init__(self, config: SteadyConfig, number: Number) -> None:
        self._number = number
        self._at = {change: Inputs.of(perturbed(number, config, change)) for change in CHANGES}

    @cached_property
    def slopes(self) -> dict[str, float]:
        """Derivatives of the numbers of the equations that depend on it."""
        low, *_, high = (inputs.scalars for inputs in self._at.values())
        return {
            name: derivative({h: x.scalars[name] for h, x in self._at.items()}, self._number.value)
            for name in low
            if low[name] != high[name]
        }

    @cached_property
    def moves_substrate(self) -> bool:
        """Whether the temperature of the surface depends on it at a given heat."""
        low, *_, high = (inputs.half_space for inputs in self._at.values())
        return low != high

    def warming(self, load: Load) -> Array:
        """Derivative of the temperature of film and pads at a given heat."""
        found = {h: x.half_space.temperature(load) for h, x in self._at.items() if x.half_space}
        return derivative(found, self._number.value)
