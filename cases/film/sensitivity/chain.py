"""From derivatives by what the equations contain to those by the numbers of a TOML file."""

from collections.abc import Sequence
from functools import cached_property

from mpi4py import MPI

import numpy as np

from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.sensitivity.numbers import (
    CHANGES,
    Inputs,
    Number,
    derivative,
    perturbed,
)
from mitmodels.solvers.film.adjoint.gradient import Gradient
from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate
from mitmodels.solvers.film.substrate.kirchhoff import Load


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

    def __call__(self, state: State, gradient: Gradient) -> Array:
        """Derivatives by the numbers, then by the logarithms of local resistivity and local loss.

        The local ones are those of the owned vertices.
        """
        layout, substrate = self._newton.layout, self._newton.substrate
        around = (gradient.contact, gradient.load, gradient.threshold)
        names = ("around.contact", "around.load", "around.threshold")
        scalars = {**gradient.numbers, **dict(zip(names, around, strict=True))}
        load = None
        if isinstance(substrate, HalfSpaceSubstrate):
            load = substrate.load(state.unknown[:, 1])
        found = []
        for number, inputs in zip(self.keys, self._inputs, strict=True):
            by = sum(scalars[name] * slope for name, slope in inputs.slopes.items())
            if load is not None and inputs.moves_substrate:
                by += layout.dot(gradient.temperature, inputs.warming(load))
            elif load is None and number.key == "ambient.temperature":
                by += layout.dot(gradient.temperature, layout.gather(self._held))
            elif number.key == "film.resistivities":
                by += self._newton.film.comm.allreduce(gradient.resistivity.sum(), MPI.SUM)
            found.append(by)
        return np.concatenate([found, gradient.resistivity, gradient.loss])

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
