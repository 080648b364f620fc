"""Values with units: what is read, what is refused and with which sentence."""

import copy
import pickle
from typing import get_args

import pytest
import scipy.constants
from pydantic import TypeAdapter, ValidationError

from mitmodels import constants
from mitmodels.cases.config import dimensions
from mitmodels.cases.config.quantity import Dimension, Quantity

DIMENSIONS = {name: kind for name, kind in vars(dimensions).items() if get_args(kind)}


def read(name, given):
    return TypeAdapter(DIMENSIONS[name]).validate_python(given)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_the_example_of_each_dimension_is_valid_and_reads_back_exactly(name):
    dimension = next(item for item in get_args(DIMENSIONS[name]) if isinstance(item, Dimension))
    value = read(name, dimension.example)
    assert value.unit == dimension.unit
    assert float(read(name, value.si)) == float(value)


@pytest.mark.parametrize(
    ("name", "given", "si"),
    [
        ("Length", "100 um", 1e-4),
        ("Length", "100 µm", 1e-4),  # micro sign, as on a German keyboard
        ("Length", "100 μm", 1e-4),  # Greek mu
        ("Length", "20nm", 2e-8),
        ("Length", "1.5E+1 nm", 1.5e-8),
        ("Position", "\N{MINUS SIGN}5 um", -5e-6),
        ("Area", "1 um²", 1e-12),
        ("Temperature", "20 degC", 293.15),
        ("Temperature", "-173.15 °C", 100.0),
        ("ThermalConductivity", "8 W/m/K", 8.0),
        ("ThermalConductivity", "8 W m-1 K-1", 8.0),
        ("ThermalConductivity", "8 W·m⁻¹·K⁻¹", 8.0),
        ("ThermalConductivity", "0.08 W/(cm degC)", 8.0),
        ("LossCoefficient", "5e5 W/m2/K", 5e5),
        ("LossCoefficient", "50 W/(cm^2 K)", 5e5),
        ("ContactResistance", "10 kOhm um", 1e-2),
        ("SheetResistance", "100 kΩ/sq", 1e5),
        ("NumberDensity", "1e20 1/cm3", 1e26),
        ("NumberDensity", "1e20 cm**-3", 1e26),
        ("Energy", "0.5 eV", 0.5 * 1.602176634e-19),
        ("CurrentDensity", "1 A/cm2", 1e4),
        ("Fraction", "5 %", 0.05),
        ("Ratio", 2, 2.0),
    ],
)
def test_value_in_si_is_exact_to_the_last_bit(name, given, si):
    assert read(name, given) == si


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("Length", "5 V", r'is not a length \[m\]: write it as in "100 um"'),
        ("Length", "20 nmm", "is not a length"),
        ("Length", "20 um2", "is not a length"),
        ("Length", 20, "is a number without a unit: write a string"),
        ("Length", 2e-8, "is a number without a unit"),
        ("Length", "20", "cannot be read as a length"),
        ("Length", "1,5 um", "cannot be read as a length"),
        ("Length", "9**9**9 m", "cannot be read as a length"),
        ("Length", "nan m", "cannot be read as a length"),
        ("Length", "1" * 100 + " m", "cannot be read as a length"),
        ("Length", "1e400 m", "is not finite"),
        ("Length", "1e307 Ym", "must be less than inf"),
        ("Length", True, "is not a length: write a string"),
        ("Length", ["1 m"], "is not a length: write a string"),
        ("Length", "0 nm", "must be greater than 0 m"),
        ("Length", "-20 nm", "must be greater than 0 m"),
        ("LengthOrZero", "-1 nm", "must be at least 0 m"),
        ("Fraction", 1.5, "must be at most 1: "),
        ("Temperature", "0 K", "must be greater than 0 K"),
        ("Temperature", "-300 degC", "must be greater than 0 K"),
        ("Temperature", "25 meV", "is not a temperature"),
        ("TemperatureDifference", "8 degC", "is not a temperature difference"),
        ("LossCoefficient", "5e5 W/m2 K", "is not a heat loss coefficient"),
        ("Ratio", "5 m", "is not a pure number"),
        ("Ratio", "half", "cannot be read as a pure number"),
    ],
)
def test_refused_value_says_why_and_shows_a_valid_one(name, given, message):
    with pytest.raises(ValidationError, match=message):
        read(name, given)


def test_origin_is_kept_by_validation_copies_and_pickles():
    value = read("Length", {"value": "20 nm", "source": "profilometer", "status": "measured"})
    for same in (value, copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert isinstance(same, Quantity)
        assert (same, same.unit, same.given) == (2e-8, "m", "20 nm")
        assert (same.source, same.status) == ("profilometer", "measured")


def test_arithmetic_gives_plain_floats():
    assert type(2 * read("Length", "20 nm")) is float


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"value": "1 m", "status": "guessed"}, "'measured', 'handbook', 'fitted' or 'assumed'"),
        ({"value": "1 m", "sauce": "x"}, "sauce"),
        ({"source": "x"}, "value"),
        ({"value": {"value": "1 m"}}, "is not a length"),
    ],
)
def test_long_form_refuses_what_it_does_not_know(table, message):
    with pytest.raises(ValidationError, match=message):
        read("Length", table)


def test_constants_are_those_of_scipy():
    assert scipy.constants.e == constants.ELEMENTARY_CHARGE
    assert scipy.constants.h == constants.PLANCK
    assert scipy.constants.hbar == constants.REDUCED_PLANCK
    assert scipy.constants.k == constants.BOLTZMANN
    assert constants.AVOGADRO == scipy.constants.N_A
    assert scipy.constants.m_e == constants.ELECTRON_MASS
    assert scipy.constants.value("Bohr magneton") == constants.BOHR_MAGNETON
