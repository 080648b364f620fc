"""Derivatives of a steady film against differences, sums that hold exactly, and local fields."""

import json
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
from mitmodels.cases.film.sensitivity.numbers import perturbed, sorted_numbers
from mitmodels.cases.film.sensitivity.readings import Derivation
from mitmodels.film.resistivity import SwitchingResistivity

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
_HALF_SPACE = tuple(o for o in FILMS["half_space"] if "boundary" not in str(o))
# Everything else that a steady film may be.


def _as_table(low: int, high: int, step: int) -> str:
    """Law of the sheet at some temperatures, as a section."""
    law = SwitchingResistivity(1.38e-6, 8.2e-11, 5.5e-5, 345.0, 15.0)
    T = range(low, high, step)
    points = [[f"{x} K" for x in T], [f"{float(law(x))!r} ohm m" for x in T]]
    return (
        f'{{law="table", temperatures={json.dumps(points[0])}, '
        f"resistivities={json.dumps(points[1])}, "
        'thermal_conductivity="25 W/(m K)", barrier_temperature="340 K"}'
    )


OTHERS = {
    "kappa_of_T": (
        *FILMS["half_space"],
        "substrate.conductivity_exponent=1",
        "substrate.mount_resistance=50 K/W",
        "protocol.0.to=80 V",
    ),
    "slab": (*_HALF_SPACE, "substrate.thickness=100 um"),
    "fourier": (*_HALF_SPACE, "substrate.operator=fourier"),
    "contact_region": (*_HALF_SPACE, "contact.resistivity=1e-9 ohm m2"),
    "current_source": (
        SHIPPED.with_name("lsmo_current.toml"),
        *(o for o in _HALF_SPACE[1:] if "protocol" not in o),
    ),
    "disorder": (
        *FILMS["sheet"],
        "geometry.domain=full",
        'inhomogeneity={quantity="resistivity", amplitude="3 %", '
        'correlation_length="10 um", seed=1}',
    ),
    # A film whose hot phase conducts better, even: the voltage has both folds.
    "logarithmic": (
        SHEET.with_name("vo2.toml"),
        "mesh.edge_size=1 um",
        "mesh.cells_across=10",
        "mesh.degree=1",
        "protocol.0.to=23 V",
        "circuit.load=100 ohm",
        "numerics.largest=0.5",
    ),
    "table": (*FILMS["sheet"], f"film={_as_table(50, 1000, 5)}"),
    "table_of_kappa": (
        *FILMS["half_space"],
        'substrate={model="half_space", temperatures=["50 K", "200 K", "900 K"], '
        'conductivities=["20 W/(m K)", "13 W/(m K)", "8 W/(m K)"], beyond="hold"}',
    ),
}
AT = dict.fromkeys(("half_space", "slab", "fourier"), "20 V")
AT |= {"current_source": "8 V", "logarithmic": "10 V"}
AT |= dict.fromkeys(("sheet", "disorder", "table"), "4 V")
# Where walls are steep.
STEPS = {"contact_region": 2e-4, "current_source": 2e-4, "disorder": 1e-4, "table": 5e-5}
STATIONARY = ("V_up", "V_down", "I_max")
MOVING = ("V_at_I_max", "P_switch")
EVERY = (*STATIONARY, *MOVING)
SOLVED = ("d_nucleated", "R_switched", "I at {}", "barrier_width at {}", "T_max at {}")
WARM = ("V_full", "I_hold")
READINGS = {
    "half_space": (*EVERY, *SOLVED, *WARM),
    "current_source": ("I_up", "I_down", "I_max", "V_at_I_max", "P_switch", "R_switched", *WARM),
    "disorder": (*EVERY, *SOLVED, "barrier_position at {}"),
    "table_of_kappa": (*EVERY, "I at {}", "T_max at {}"),
    "logarithmic": ("V_up", "V_down", "I at {}", "T_max at {}"),
}


@cache
def derived(name: str, alone: bool = False) -> Derivation:
    """The film of a name, its branch, and the derivatives of what is read off it."""
    path, *overrides = (FILMS | OTHERS)[name]
    config = load_config(path, overrides, steady_config.Config)
    prepared = steady_config.prepare(config, MPI.COMM_SELF if alone else MPI.COMM_WORLD)
    branch = traced(prepared)
    known, _ = sorted_numbers(config)
    return Derivation(
        branch, prepared, Chain(config, tuple(known.values()), branch.continuation.newton)
    )


def by_logarithms(derivation: Derivation, reading: str) -> dict[str, float]:
    """Elasticities of a reading by the keys of the numbers."""
    found = derivation(reading)
    pairs = zip(derivation.chain.keys, found.by, strict=False)
    return {number.key: by * number.value / found.value for number, by in pairs}


def _check(name: str, readings: list[str], step: float) -> float:
    """Compare with differences along a random direction; the largest error that holds 1e-8."""
    derivation, largest = derived(name), 0.0
    keys = {number.key: number for number in derivation.chain.keys if number.value}
    weights = np.random.default_rng(5).uniform(-0.5, 0.5, len(keys))
    changes = dict(zip(keys, weights, strict=True))
    found = differences(derivation, changes, keys, readings, step)
    for reading, change in zip(readings, found, strict=True):
        by = by_logarithms(derivation, reading)
        error = abs(sum(by[k] * x for k, x in changes.items()) - change / derivation(reading).value)
        assert error < (1e-4 if reading in MOVING else 1e-8), (reading, error)
        largest = max(largest, error if reading not in MOVING else 0.0)
    return largest


@pytest.mark.serial
def test_derivatives_are_those_of_differences() -> None:
    """Along a random direction of all numbers, within 1e-8; 1e-4 of what is not stationary."""
    _check("sheet", [r.format(AT["sheet"]) for r in (*EVERY, *SOLVED)], 1e-3)


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.parametrize("name", ["half_space", *OTHERS])
def test_derivatives_of_every_film_are_those_of_differences(name: str, record) -> None:
    """The same on every substrate, with every contact and drive."""
    readings = [r.format(AT.get(name, "20 V")) for r in READINGS.get(name, (*EVERY, *SOLVED))]
    step = STEPS.get(name, 1e-3)
    error = _check(name, readings, step)
    record(f"derivatives of a steady film, {name}: error of elasticities", 1e-8, error)


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("half_space", "substrate.conductivity"),
        ("half_space", "film.temperature"),
        ("half_space", "film.hot"),
        ("sheet", "geometry.length"),  # on a mesh of as many elements, made anew
    ],
)
def test_derivatives_are_those_of_traced_branches(name: str, key: str) -> None:
    """Folds of branches traced anew with a number 1e-3 higher and lower, within 1e-5."""
    derivation = derived(name)
    number = next(number for number in derivation.chain.keys if number.key == key)
    drives = []
    for change in (-1e-3, 1e-3):
        config = perturbed(number, derivation.prepared.config, change)
        prepared = steady_config.prepare(config, MPI.COMM_WORLD)
        drives.append([fold.drive for fold in traced(prepared).folds[:2]])
    low, high = np.array(drives)
    for reading, slope in zip(("V_up", "V_down"), (high - low) / 2e-3, strict=True):
        expected = slope / derivation(reading).value
        assert by_logarithms(derivation, reading)[key] == pytest.approx(expected, abs=1e-5)


THERMAL = {
    "sheet": ("film.thermal_conductivity", "substrate.loss"),
    "half_space": (
        "film.thermal_conductivity",
        "pads.sheet_conductance",
        "substrate.conductivity",
    ),
}


@pytest.mark.serial
@pytest.mark.parametrize("name", FILMS)
def test_thermal_sum_is_a_half(name: str) -> None:
    """Folds and largest current go as the root of all thermal conductances, within 1e-9."""
    derivation = derived(name)
    for reading in STATIONARY:
        by = by_logarithms(derivation, reading)
        found = sum(by[key] for key in THERMAL[name])
        found -= by.get("substrate.boundary_resistance", 0.0)
        assert found == pytest.approx(0.5, abs=1e-9), reading


@pytest.mark.serial
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


@pytest.mark.serial
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


def _temperatures(by: dict[str, float]) -> float:
    """Sum of elasticities by all temperatures."""
    keys = ("ambient.temperature", "film.temperature", "film.width", "film.barrier_temperature")
    return sum(by[key] for key in keys) - 2 * by["film.cold_quadratic"]


@pytest.mark.serial
def test_temperature_sum_is_a_half() -> None:
    """Heating goes as the square of the voltage: all temperatures together, within 1e-9."""
    readings = [(name, reading) for name in FILMS for reading in ("V_up", "V_down")]
    for name, reading in (*readings, ("half_space", "V_full")):
        by = by_logarithms(derived(name), reading)
        assert _temperatures(by) == pytest.approx(0.5, abs=1e-9), (name, reading)


@pytest.mark.serial
@pytest.mark.parametrize("name", FILMS)
def test_sums_at_a_voltage_tell_how_the_current_scales(name: str) -> None:
    """Elasticities of I(V) by what conducts heat less those by resistances are 1, within 1e-9.

    Those by all temperatures are as those by what conducts heat.
    """
    by = by_logarithms(derived(name), f"I at {AT[name]}")
    thermal = sum(by[key] for key in THERMAL[name]) - by.get("substrate.boundary_resistance", 0.0)
    series = ("contact.resistance_width", "circuit.load")
    electrical = sum(by[key] for key in ("film.cold", "film.cold_quadratic", "film.hot", *series))
    assert thermal - electrical == pytest.approx(1.0, abs=1e-9)
    assert _temperatures(by) == pytest.approx(thermal, abs=1e-9)


# Powers with which numbers go if a device is enlarged and its temperatures stay.
_ENLARGED = {
    "geometry.length": 1,
    "geometry.width": 1,
    "geometry.thickness": 1,
    "geometry.pad_length": 1,
    "substrate.thickness": 1,
    "substrate.boundary_resistance": 1,
    "pads.sheet_conductance": 1,
    "substrate.loss": -1,
    "circuit.load": -1,
}


@pytest.mark.serial
@pytest.mark.parametrize(
    "name", [*FILMS, *(pytest.param(n, marks=pytest.mark.slow) for n in ("slab", "fourier"))]
)
def test_enlarged_devices_are_similar(name: str) -> None:
    """At the same voltages they carry currents in proportion, within 1e-9."""
    derivation = derived(name)
    scaled = {"V_up": 0, "V_down": 0, "I_max": 1, "d_nucleated": 1, f"I at {AT[name]}": 1}
    for reading, power in scaled.items():
        by = by_logarithms(derivation, reading)
        found = sum(by.get(key, 0.0) * exponent for key, exponent in _ENLARGED.items())
        assert found == pytest.approx(power, abs=1e-9), reading


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


_SPREAD = ("half_space", "slab", "fourier")


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.parametrize(
    "name", ["sheet", *(pytest.param(n, marks=pytest.mark.slow) for n in _SPREAD)]
)
def test_ranks_agree(name: str) -> None:
    """Derivatives on all ranks are those on each alone, within 1e-8."""
    for reading in ("V_up", "V_down"):
        together = by_logarithms(derived(name), reading)
        alone = by_logarithms(derived(name, alone=True), reading)
        for key, value in alone.items():
            assert together[key] == pytest.approx(value, abs=1e-8), (reading, key)
