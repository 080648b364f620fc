"""Derivatives of a steady film against differences, sums that hold exactly, and local fields."""

from functools import cache

from mpi4py import MPI

import numpy as np
import pytest
from changed_films import differences
from films import SHEET, SHIPPED

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.sensitivity.chain import Chain
from mitmodels.cases.film.sensitivity.derivatives import traced
from mitmodels.cases.film.sensitivity.numbers import numbers
from mitmodels.cases.film.sensitivity.readings import Derivation

# A sheet with walls that few elements resolve, and the shipped film on a tiny mesh.
FILMS = {
    "sheet": (
        SHEET,
        "substrate.loss=2e4 W/(m2 K)",
        "mesh.size=2.5 um",
        "protocol.0.to=6 V",
        "circuit.load=20 ohm",
        "numerics.largest=0.5",
    ),
    "half_space": (
        SHIPPED,
        "mesh.size=4 um",
        "mesh.edge_size=2 um",
        "mesh.cells_across=4",
        "geometry.far=210 um",
        "protocol.0.to=60 V",
        "contact.heat=pads",
        "substrate.boundary_resistance=2e-8 m2 K/W",
        "circuit.load=50 ohm",
    ),
}
AT = {"sheet": "4 V", "half_space": "20 V"}
STATIONARY = ("V_up", "V_down", "I_max")
MOVING = ("V_at_I_max", "P_switch")
SOLVED = ("d_nucleated", "R_switched", "I at {}", "barrier_width at {}", "T_max at {}")


@cache
def derived(name: str) -> Derivation:
    """The film of a name, its branch, and the derivatives of what is read off it."""
    path, *overrides = FILMS[name]
    config = load_config(path, overrides, steady_config.Config)
    prepared = steady_config.prepare(config, MPI.COMM_WORLD)
    branch = traced(prepared)
    found = tuple(numbers(config).values())
    return Derivation(branch, prepared, Chain(config, found, branch.continuation.newton))


def by_logarithms(derivation: Derivation, reading: str) -> dict[str, float]:
    """Elasticities of a reading by the keys of the numbers."""
    found = derivation(reading)
    pairs = zip(derivation.chain.keys, found.by, strict=False)
    return {number.key: by * number.value / found.value for number, by in pairs}


@pytest.mark.serial
@pytest.mark.parametrize("name", FILMS)
def test_derivatives_are_those_of_differences(name: str) -> None:
    """Along a random direction of all numbers, within 1e-8; 1e-4 of what is not stationary."""
    derivation = derived(name)
    readings = [r.format(AT[name]) for r in (*STATIONARY, *MOVING, *SOLVED)]
    keys = {number.key: number for number in derivation.chain.keys if number.value}
    weights = np.random.default_rng(5).uniform(-0.5, 0.5, len(keys))
    changes = dict(zip(keys, weights, strict=True))
    found = differences(derivation, changes, keys, readings)
    for reading, change in zip(readings, found, strict=True):
        by = by_logarithms(derivation, reading)
        expected = change / derivation(reading).value
        tolerance = 1e-4 if reading in MOVING else 1e-8
        assert sum(by[k] * x for k, x in changes.items()) == pytest.approx(
            expected, abs=tolerance
        ), reading


THERMAL = {
    "sheet": ("film.thermal_conductivity", "substrate.loss"),
    "half_space": (
        "film.thermal_conductivity",
        "pads.sheet_conductance",
        "substrate.conductivity",
    ),
}


@pytest.mark.parametrize("name", FILMS)
def test_thermal_sum_is_a_half(name: str) -> None:
    """Folds and largest current go as the root of all thermal conductances, within 1e-9."""
    derivation = derived(name)
    for reading in STATIONARY:
        by = by_logarithms(derivation, reading)
        found = sum(by[key] for key in THERMAL[name])
        found -= by.get("substrate.boundary_resistance", 0.0)
        assert found == pytest.approx(0.5, abs=1e-9), reading


@pytest.mark.parametrize("name", FILMS)
def test_local_resistivity_adds_up_to_that_of_the_film(name: str) -> None:
    """The field's sum is the derivative by the resistivities of both phases, within 1e-10."""
    derivation = derived(name)
    comm = derivation.trace.newton.film.comm
    for reading in STATIONARY:
        by, found = by_logarithms(derivation, reading), derivation(reading)
        field = found.by[len(derivation.chain.keys) :].reshape(2, -1)[0]
        even = comm.allreduce(field.sum()) / found.value
        both = by["film.cold"] + by["film.cold_quadratic"] + by["film.hot"]
        assert even == pytest.approx(both, abs=1e-10), reading


def test_resistances_together_raise_the_folds_by_their_root() -> None:
    """V_up as the root of all electrical resistances, I_max as its inverse, within 1e-9."""
    for name in FILMS:
        derivation = derived(name)
        for reading, power in (("V_up", 0.5), ("V_down", 0.5), ("I_max", -0.5)):
            by = by_logarithms(derivation, reading)
            keys = ("film.cold", "film.cold_quadratic", "film.hot")
            series = ("contact.resistance_width", "circuit.load")
            found = sum(by[key] for key in (*keys, *series))
            assert found == pytest.approx(power, abs=1e-9), (name, reading)
