"""The schema for editors accepts what the program accepts and refuses its mistakes."""

import json
import re
import tomllib
from decimal import Decimal
from functools import reduce
from operator import or_
from pathlib import Path
from pkgutil import resolve_name

import jsonschema
import pytest
from pydantic import BaseModel, create_model

from mitmodels.cases.config import shipped
from mitmodels.cases.config.keys import keys, sections_in
from mitmodels.cases.config.messages import classes
from mitmodels.cases.config.plausibility import unusual
from mitmodels.cases.config.quantity import conversions
from mitmodels.cases.config.section import Section
from mitmodels.cases.registry import CASES, PLOTS, SWEEP_PLOTS, find_case
from mitmodels.cases.schema import Generator, asked_conversions, json_schema, kind_of
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json_schema()
ACCEPTS = jsonschema.Draft202012Validator(SCHEMA)
SHIPPED = sorted((ROOT / "cases").glob("*.toml"))
OTHERS = [ROOT / "tests" / "helpers" / f"{name}.toml" for name in ("sheet", "vo2")]


ROOMS = ("film__laws__plan", "cell__sections")


def flat(text):
    return " ".join(text.split())


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


def sections(model):
    """All sections of a model, itself included."""
    found = {model: None}
    for field in model.model_fields.values():
        for kind in classes(field.annotation):
            if issubclass(kind, BaseModel) and kind is not model:
                found |= sections(kind)
    return found


SECTIONS = reduce(or_, (sections(find_case(name, "case").config) for name in CASES))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__qualname__)
def test_every_key_has_a_sentence_and_an_example_that_fits(section):
    """The example is accepted there, and no value of it is unusual for its quantity."""
    described = section.model_json_schema(schema_generator=Generator)
    definitions = described.get("$defs", {})
    place = described.get("$ref", "").rpartition("/")[2]
    table = definitions.get(place, described)
    entries = next(one for one in (table, *table.get("anyOf", ())) if "properties" in one)
    for name, field in section.model_fields.items():
        entry = entries["properties"][name]
        kind = kind_of(entry, definitions)
        if name == "case" or any(sections_in(entry, definitions)):
            continue
        assert entry["description"].strip().endswith("."), f"{name}: no sentence below it"
        unit = kind.partition(", ")[0].partition(" in ")[2]
        bounded = "mostly" in kind or "at most" in kind
        assert not unit or " or " in unit or bounded, f"{name}: no usual range"
        for example in entry.get("examples", []):
            one = create_model("One", __base__=Section, **{name: (field.rebuild_annotation(), ...)})
            assert [*unusual(one.model_validate({name: example}))] == [], name
        assert "examples" in entry or kind[0] == "`" or kind == "table", f"{name}: no example"


def test_every_quantity_says_what_it_is_its_unit_its_range_and_an_example():
    plan, cell = (SCHEMA["$defs"][f"mitmodels__cases__{n}__Geometry"]["properties"] for n in ROOMS)
    words, kind = plan["thickness"]["description"].split("\n\n")
    assert words.startswith("Thickness t of the film")
    assert kind == "a thickness of a layer in m, above 0, mostly 3e-10 to 3e-06"
    assert plan["thickness"]["examples"] == ["20 nm"]
    assert cell["oxide"]["examples"] == ["10 nm"]
    assert plan["unit"]["default"] == "1 m"


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
    entries = re.split(r"\n  (?=\w)", text)[1:]
    assert all("; must be given" in entry or "; default " in entry for entry in map(flat, entries))


def test_keys_of_a_file_are_those_of_its_case(tmp_path):
    file = tmp_path / "my.toml"
    file.write_text('base = "lsmo_10x10"\n')
    assert keys(str(file), "film") == keys("lsmo_10x10", "film")


def test_keys_of_a_section_are_those_of_its_kinds_and_of_nothing_else():
    half_space, sheet = keys("lsmo_10x10", "substrate").split("\n\n")
    assert half_space.startswith('[substrate] with model = "half_space": Substrate as an adiabatic')
    assert "  loss                     Heat g lost per area and kelvin" in sheet
    kind = "a heat loss coefficient in W/(m2 K), at least 0, mostly 1 to 1e+10"
    assert flat(sheet).endswith(f'{kind}; must be given; as in "5e5 W/(m2 K)"')
    assert len(keys("ecm_set", "protocol").split("\n\n")) == 6
    for wrong, message in (
        (("ecmset",), 'case = "ecmset" is not known: did you mean ecm_set'),
        (("ecm_set", "oxid"), 'ecm_set: section = "oxid" is not known: did you mean oxide'),
    ):
        with pytest.raises(InputError, match=message):
            keys(*wrong)
