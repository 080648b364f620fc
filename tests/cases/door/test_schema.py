"""The schema for editors accepts what the program accepts and refuses its mistakes."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from pkgutil import resolve_name

import jsonschema
import pytest

from mitmodels.cases.config import shipped
from mitmodels.cases.config.keys import keys
from mitmodels.cases.config.quantity import conversions
from mitmodels.cases.registry import CASES, PLOTS, SWEEP_PLOTS, find_case
from mitmodels.cases.schema import asked_conversions, json_schema
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json_schema()
ACCEPTS = jsonschema.Draft202012Validator(SCHEMA)
SHIPPED = sorted((ROOT / "cases").glob("*.toml"))
OTHERS = [ROOT / "tests" / "helpers" / f"{name}.toml" for name in ("sheet", "vo2")]


def content(name):
    return tomllib.loads((ROOT / "cases" / f"{name}.toml").read_text(encoding="utf-8"))


def test_published_schema_is_the_present_one():
    assert json.loads(shipped.schema()) == SCHEMA, "run `make schema`"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_kept_conversions_of_units_are_those_that_pint_gives_today():
    """A wrong factor there would scale every file that has the unit."""
    kept = conversions.__wrapped__()
    assert kept["um", "m"] == (Decimal("1e-6"), 0)
    assert kept == dict(asked_conversions()), "run `make schema`"


def test_every_case_has_a_function_that_draws_it():
    assert PLOTS.keys() == set(CASES.values()) >= SWEEP_PLOTS.keys()
    for plot in (*PLOTS.values(), *SWEEP_PLOTS.values()):
        assert callable(resolve_name(plot))


@pytest.mark.parametrize("file", SHIPPED + OTHERS, ids=lambda file: file.stem)
def test_files_that_the_program_accepts(file):
    ACCEPTS.validate(tomllib.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"case": "lsmo"},
        {"geometry": {}},
        {"film": {"law": "switching"}},
        {"film": {"material": "lsmo", "hott": "3 K"}},
        {"ambient": {"temperature": 3}},
        {"ambient": {"temperature": {"value": "3 K", "status": "guess"}}},
        {"protocol": [{"step": "rampp", "to": "1 V"}]},
        {"extra": 1},
        {"base": 1},
    ],
)
def test_mistakes_that_the_program_refuses(wrong):
    assert not ACCEPTS.is_valid(content("lsmo_iv") | wrong)


def test_law_may_be_a_table_in_a_file():
    film = {"thermal_conductivity": "2 W/(m K)", "barrier_temperature": "340 K"}
    ACCEPTS.validate(content("lsmo_iv") | {"film": {"law": "table", "file": "rho.csv", **film}})
    assert not ACCEPTS.is_valid(content("lsmo_iv") | {"film": {"law": "table", **film}})


def test_every_quantity_says_its_unit_and_an_example():
    geometry = SCHEMA["$defs"]["mitmodels__cases__film__laws__plan__Geometry"]["properties"]
    assert geometry["length"]["description"] == "a length in m"
    assert geometry["length"]["examples"] == ["100 um"]
    assert geometry["unit"]["default"] == "1 m"


def test_every_name_of_a_case_stands_in_the_schema_once():
    cases = [
        SCHEMA["$defs"][choice["$ref"].rpartition("/")[2]]["properties"]["case"]
        for choice in SCHEMA["oneOf"][:-1]
    ]
    names = [name for case in cases for name in case.get("enum", [case.get("const")])]
    assert sorted(names) == sorted(CASES)


@pytest.mark.parametrize(
    ("shipped", "name"),
    [("lsmo_iv", "film_iv"), ("lsmo_pulse", "film_transient"), ("ecm_set", "cell")],
)
def test_general_case_has_its_general_name_beside_that_of_its_first_paper(shipped, name):
    ACCEPTS.validate(content(shipped) | {"case": name})
    assert CASES[name] == CASES[content(shipped)["case"]]


@pytest.mark.parametrize("name", sorted({*CASES, *shipped.cases()}))
def test_keys_of_every_case_and_shipped_file_are_printed(name):
    """All that its model has, each with a unit or a kind, and a default unless it must be given."""
    text = keys(name)
    for section in find_case(shipped.case_names()[name], "case").config.model_fields:
        assert f"[{section}" in text or f"  {section} " in text
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    assert all(line.endswith("; must be given") or "; default " in line for line in lines)


def test_keys_of_a_section_are_those_of_its_kinds_and_of_nothing_else():
    half_space, sheet = keys("lsmo_10x10", "substrate").split("\n\n")
    assert half_space.startswith('[substrate] with model = "half_space": Substrate as an adiabatic')
    assert (
        '  loss                     a heat loss coefficient in W/(m2 K), `"5e5 W/(m2 K)"`' in sheet
    )
    assert len(keys("ecm_set", "protocol").split("\n\n")) == 4
    for wrong, message in (
        (("ecmset",), 'case = "ecmset" is not known: did you mean ecm_set'),
        (("ecm_set", "oxid"), 'ecm_set: section = "oxid" is not known: did you mean oxide'),
    ):
        with pytest.raises(InputError, match=message):
            keys(*wrong)
