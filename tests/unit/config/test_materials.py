"""Records of materials: complete, cited, taken over by the sections that name them."""

import re
from pathlib import Path

import pytest

from mitmodels.cases.config import materials
from mitmodels.cases.config.dimensions import Length, Temperature
from mitmodels.cases.config.document import load_config, resolved
from mitmodels.cases.config.materials import Material, left_ranges
from mitmodels.cases.config.section import Section
from mitmodels.cases.config.shipped import MATERIALS
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.runs.citations import bibliography
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

ROOT = Path(__file__).resolve().parents[3]
CITATION = re.compile(r"\[([a-z]+\d{4})\b")
PAPERS = ROOT / "cases" / "papers"
TEXTS = [
    *(file for folder in (ROOT / "cases", PAPERS, MATERIALS) for file in folder.glob("*.toml")),
    *PAPERS.glob("*.csv"),
]
OWN = """\
title = "mine"
thickness = { value = "5 nm", source = "[me2026]", status = "measured" }
temperature = "300 K"
valid = { loss = ["100 K", "400 K"] }

[other]
thickness = "7 nm"
"""


class Layer(Material):
    thickness: Length
    temperature: Temperature | None = None


class Example(Section):
    film: Layer
    other: Layer | None = None


@pytest.fixture
def load(tmp_path):
    (tmp_path / "mine.toml").write_text(OWN)

    def load(text):
        (tmp_path / "my.toml").write_text(text)
        return load_config(tmp_path / "my.toml", (), Example)

    return load


@pytest.mark.parametrize("name", materials.record_names())
def test_every_value_of_a_record_has_unit_status_and_source(name):
    title, *lines = materials.describe(name)
    assert title.startswith(f"{name}: ")
    assert len(lines) > 1
    given = re.compile(r"  [\w.]+ {2,}\S.* {2,}(measured|handbook|fitted|assumed).* {2,}\S")
    formulas = re.compile(r"  \S+(\(.*?\))? = ")
    counted = re.compile(r"  (law|kinetics\.charge_number) ")
    kinds = (given, formulas, counted)
    assert [line for line in lines if not any(kind.match(line) for kind in kinds)] == []


def test_section_takes_over_its_keys_of_a_record_and_its_own_win(load):
    config = load('[film]\nmaterial = "mine.toml"\ntemperature = "200 K"\n')
    assert config.film.thickness == 5e-9
    assert config.film.thickness.status == "measured"
    assert config.film.temperature == 200
    assert config.film.valid == {"loss": (100.0, 400.0)}
    assert load(resolved(config)) == config


def test_range_that_a_record_knows_holds_whatever_kind_the_section_names():
    chosen = ("substrate.material=al2o3",)
    config = load_config(ROOT / "cases" / "lsmo_iv.toml", chosen, SteadyConfig)
    assert config.substrate.ranges == {"conductivity": (250.0, 350.0)}


def test_table_of_a_record_is_for_the_section_of_its_name(load):
    config = load('[film]\nmaterial = "mine.toml"\n[other]\nmaterial = "mine.toml"\n')
    assert config.other.thickness == 7e-9
    assert config.other.temperature is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'material = "lsm"',
            r'my.toml:2:1: film.material = "lsm" is not known: did you mean lsmo\?',
        ),
        ("material = 1", "my.toml:2:1: film.material = 1 is not known: use one of ag_hfo2, "),
        ('material = "no.toml"', "no.toml: there is no such file"),
        ('material = "lsmo"', "my.toml:1:1: film.thickness is missing: add it"),
        ('material = "my.toml"', "my.toml: title is missing: say in one line what the material"),
        (
            'thickness = "1 nm"\nvalid = { a = ["3 K", "2 K"] }',
            "film: valid.a is not a range: write two temperatures or two voltages",
        ),
        ('thickness = "1 nm"\nvalid = { a = ["3 K", "4 V"] }', "film: valid.a is not a range"),
    ],
)
def test_record_that_cannot_be_used(load, text, message):
    with pytest.raises(InputError, match=message):
        load(f"[film]\n{text}\n")


def test_law_is_left_once_on_each_side(load):
    config = load('[film]\nmaterial = "mine.toml"\n')

    def said(before, now):
        return list(left_ranges(config, before, now))

    above = "T_max = 401 K is above the range of film.loss, 100 K to 400 K"
    assert said({"K": 399.0}, {"K": 401.0}) == said({}, {"K": 401.0}) == [above]
    assert said({"K": 401.0}, {"K": 500.0}) == said({"K": 90.0}, {"K": 400.0}) == []
    assert said({}, {"K": 90.0}) == [above.replace("401", "90").replace("above", "below")]
    assert said({"K": 90.0}, {"K": 95.0}) == said({}, {"V": 500.0}) == []


def test_every_source_is_in_the_bibliography_and_nothing_else():
    cited = {key for file in TEXTS for key in CITATION.findall(file.read_text(encoding="utf-8"))}
    listed = re.findall(r"@\w+\{(\w+),", (ROOT / "cases" / "references.bib").read_text())
    assert sorted(listed) == sorted(cited)


def test_bibliography_has_what_a_text_cites_and_nothing_else():
    text = 'a = "[salev2021, Fig. 2]"\nb = "[buttberg2025]; [me2026]"'
    entries = bibliography(text)
    assert re.findall(r"@\w+\{(\w+),", entries) == ["salev2021", "buttberg2025"]
    assert entries.count("{") == entries.count("}")
    assert bibliography('a = "300 K"') == ""
