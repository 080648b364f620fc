"""Derived quantities: their units, values and refusals; probes in a film and a cell."""

import math

import numpy as np
import pytest
from damages import CELL, FILM

import mitmodels
from mitmodels.cases.runs.derived import Derived
from mitmodels.errors import InputError

UNITS = {"V": "V", "I": "A", "T": "K", "gap": "m", "stable": "", "t": "s"}
ROW = {"V": 2.0, "I": -4.0, "T": 300.0, "gap": 1e-9, "stable": True, "t": None}


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("V * I", "W", -8.0),
        ("abs(V / I)", "ohm", 0.5),
        ("V / gap", "V/m", 2e9),
        ("-(T - '26.85 degC')", "K", 0.0),
        ("sqrt(V**2 + '3 V' * '1 V')", "V", math.sqrt(7)),
        ("log10(gap / '1 nm')", "", 0.0),
        ("max(V, '5 V', 2 * V)", "V", 5.0),
        ("I**-2", "A-2", 1 / 16),
        ("V * stable", "V", 2.0),
        ("V / (V - V)", "", None),
        ("sqrt(I)", "A1/2", None),
        ("V * t", "m2 kg s-2 A-1", None),
    ],
)
def test_value_and_unit_of_an_expression(text, unit, value):
    derived = Derived.parse({"x": text}, UNITS)
    assert derived.units == {"x": unit}
    found = derived.extended(ROW)["x"]
    assert found is None if value is None else found == pytest.approx(value, rel=1e-12)


def test_quantity_may_be_derived_from_another():
    derived = Derived.parse({"P": "V * I", "R_th": "(T - '290 K') / P"}, UNITS)
    assert derived.units["R_th"] == "K/W"
    assert derived.extended(ROW)["R_th"] == -1.25


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x", "V + I", r'output.derived.x = "V \+ I": compares or adds V and A: bring both to one'),
        ("x", "V *", r'cannot be read: write it as in "V_film \* I"'),
        ("x", "W * I", "W is not a column with numbers: use one of V, I, T, gap, stable, t"),
        ("x", "__import__('os').system('ls')", "is not one of columns, numbers, quantities"),
        ("x", "V if I else T", "is not one of columns, numbers"),
        ("x", "(lambda: V)()", "is not one of columns, numbers"),
        ("x", "V.real", "is not one of columns, numbers"),
        ("x", "exp(V)", "exp takes a pure number, not V"),
        ("x", "V ** I", "an exponent is not a number of at most 10"),
        ("x", "9 ** 9 ** 9", "an exponent is not a number of at most 10"),
        ("x", "V % I", r"has another operation than \+ - \* / \*\*"),
        ("x", "V - '3 apples'", "'3 apples' is not a quantity"),
        ("x", "sin(V)", "there is no sin of 1 values"),
        ("x", "(" * 400, "cannot be read"),
        ("x", "1+" * 900 + "1", "cannot be read"),
        ("V", "I", "V is a column already: give another name"),
        ("my P", "V * I", "my P is not a name: give another name"),
    ],
)
def test_expression_that_is_none(name, text, message):
    with pytest.raises(InputError, match=message):
        Derived.parse({name: text}, UNITS)


FURTHER = {
    "film": {
        "probes": {"middle": ["0 um", "0 um"], "mirrored": ["-20 um", "-3 um"]},
        "derived": {"P_film": "V_film * I", "R_th": "(T_middle - '100 K') / P_film"},
    },
    "cell": {"probes": {"tip": ["0 nm", "0.1 nm"]}, "derived": {"E": "V_cell / gap"}},
}


@pytest.mark.serial
def test_further_columns_of_a_film(tmp_path):
    run = mitmodels.run(FILM | {"output": FILM["output"] | FURTHER["film"]}, tmp_path / "run")
    iv = run.iv.iloc[1:]
    assert np.allclose(iv["T_middle [K]"], iv["T_center [K]"], rtol=1e-12)
    assert np.allclose(iv["P_film [W]"], iv["V_film [V]"] * iv["I [A]"], rtol=1e-12)
    assert np.isfinite(iv["R_th [K/W]"]).all()
    assert math.isnan(run.iv["R_th [K/W]"][0])
    stored = mitmodels.probe(run.path, "-20 um", "-3 um").set_index("state")["temperature [K]"]
    between = np.interp(9.0, run.iv["V_source [V]"], run.iv["T_mirrored [K]"])
    assert between == pytest.approx(stored["9V-metal"], abs=5.0)


@pytest.mark.serial
def test_further_columns_of_a_cell(tmp_path):
    run = mitmodels.run(CELL | {"output": CELL["output"] | FURTHER["cell"]}, tmp_path / "run")
    assert np.allclose(run.iv["E [V/m]"], run.iv["V_cell [V]"] / run.iv["gap [m]"], rtol=1e-12)
    assert np.allclose(run.iv["T_tip [K]"], run.iv["T_max [K]"], atol=0.01)


@pytest.mark.parametrize(
    ("base", "output", "message"),
    [
        (FILM, {"probes": {"x": ["60 um", "40 um"]}}, "output.probes.x = 60 um, 40 um is not on f"),
        (CELL, {"probes": {"x": ["0 nm", "90 nm"]}}, "output.probes.x = 0 nm, 90 nm is not in the"),
        (FILM, {"probes": {"max": ["0 um", "0 um"]}}, "output.probes.max: T_max is a column alrea"),
        (CELL, {"derived": {"E": "V_film / gap"}}, r"output\.derived\.E .* V_film is not a column"),
    ],
)
def test_columns_that_cannot_be(base, output, message):
    with pytest.raises(InputError, match=message):
        mitmodels.check(base | {"output": base["output"] | output})
