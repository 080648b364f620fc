"""Derivatives of a steady film against differences, sums that hold exactly, and local fields."""

from dataclasses import replace
from functools import cache

from mpi4py import MPI

import numpy as np
import pytest
from changed_films import ChangedFilm, differences
from films import SHEET, SHIPPED

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import device, steady_config
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
def derived(name: str, comm: MPI.Comm = MPI.COMM_WORLD) -> Derivation:
    """The film of a name, its branch, and the derivatives of what is read off it."""
    path, *overrides = FILMS[name]
    config = load_config(path, overrides, steady_config.Config)
    prepared = steady_config.prepare(config, comm)
    branch = traced(prepared)
    found = tuple(numbers(config).values())
    return Derivation(branch, prepared, Chain(config, found, branch.continuation.newton))


def by_logarithms(derivation: Derivation, reading: str) -> dict[str, float]:
    """Elasticities of a reading by the keys of the numbers."""
    found = derivation(reading)
    pairs = zip(derivation.chain.keys, found.by, strict=False)
    return {number.key: by * number.value / found.value for number, by in pairs}


@pytest.mark.serial
@pytest.mark.parametrize("name", ["sheet", pytest.param("half_space", marks=pytest.mark.slow)])
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


def test_temperature_sum_is_a_half() -> None:
    """Heating goes as the square of the voltage: all temperatures together, within 1e-9."""
    for name in FILMS:
        for reading in ("V_up", "V_down"):
            by = by_logarithms(derived(name), reading)
            found = sum(by[k] for k in ("ambient.temperature", "film.temperature", "film.width"))
            found -= 2 * by["film.cold_quadratic"]
            assert found == pytest.approx(0.5, abs=1e-9), (name, reading)


def _places(x: np.ndarray) -> np.ndarray:
    """A blob, a stripe across the film and one along its edge, at points [m], shape (n, 2)."""
    length, width = 50e-6, 25e-6
    u, v = np.abs(x[:, 0]) / length, np.abs(x[:, 1]) / width
    blob = np.exp(-((u - 0.3) ** 2 + (v - 0.4) ** 2) / 0.05)
    return blob - 0.7 * np.exp(-(u**2) / 0.01) + 0.4 * np.exp(-((1 - v) ** 2) / 0.02)


@pytest.mark.serial
def test_local_changes_are_those_of_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodal fields against local changes of resistivity and of loss, within 1e-8."""
    derivation = derived("sheet")
    readings, step = ("V_up", "V_down", "I_max"), 2e-3
    plain = device.film_materials

    def read(size: float) -> np.ndarray:
        def changed(config):
            film, contacts = plain(config)
            film = replace(
                film,
                resistivity_factor=lambda x: 1 + size * _places(x),
                loss_factor=lambda x: 1 + size * _places(x[:, ::-1]),
            )
            return film, contacts

        monkeypatch.setattr(device, "film_materials", changed)
        film = ChangedFilm.of(derivation, {}, {})
        return np.array([film(name) for name in readings])

    near, far = ((read(h) - read(-h)) / (2 * h) for h in (step, 2 * step))
    x = derivation.lagrangian.variations.tabulate_dof_coordinates()[:, :2]
    for reading, change in zip(readings, (4 * near - far) / 3, strict=True):
        found = derivation(reading)
        local = found.by[len(derivation.chain.keys) :].reshape(2, -1)
        by = local[0] @ _places(x) + local[1] @ _places(x[:, ::-1])
        assert by / found.value == pytest.approx(change / found.value, abs=1e-8), reading


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
def test_ranks_agree() -> None:
    """Derivatives on all ranks are those on each alone, within 1e-8."""
    for reading in ("V_up", "V_down"):
        together = by_logarithms(derived("sheet"), reading)
        alone = by_logarithms(derived("sheet", MPI.COMM_SELF), reading)
        for key, value in alone.items():
            assert together[key] == pytest.approx(value, abs=1e-8), (reading, key)
