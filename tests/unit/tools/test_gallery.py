"""The gallery compares what the runs found, in the unit of the paper."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPEC = importlib.util.spec_from_file_location("gallery", ROOT / "tools" / "gallery.py")
gallery = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(gallery)

pytestmark = pytest.mark.serial
ROW = {"statement": "", "paper": "5", "status": "predicted", "why": ""}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "RUNS", tmp_path)
    listed = gallery.Listed(name="a", title="", source="", commands=("cases",))
    (tmp_path / "a").mkdir()
    found = {"d": {"value": 1.3e-5, "unit": "m"}, "lines": {"11 V": 2}, "shift [T]": 0.01024}
    (tmp_path / "a" / "summary.json").write_text(json.dumps(found))
    return listed


@pytest.mark.parametrize(
    ("key", "unit", "text"),
    [("d", "um", "13 um"), ("lines/11 V", "", "2"), ("shift [T]", "mT", "10.24 mT")],
)
def test_number_of_a_run_is_shown_in_the_unit_of_the_paper(run, key, unit, text):
    assert gallery.found(run, gallery.Row(key=key, unit=unit, **ROW)) == text


@pytest.mark.parametrize(
    ("paper", "unit", "text"),
    [
        ("about {salev2021.D_NUCLEATION}", "um", "about 5 um"),
        ("{buttberg2025.GAP_LEAST} to {buttberg2025.GAP_MOST}", "nm", "0.07 to 0.4 nm"),
        ("{chen2024.TEMPERATURES[L1]}", "K", "250 K"),
        ("a sketch without numbers", "V", "a sketch without numbers"),
    ],
)
def test_number_of_a_paper_is_shown_in_the_unit_of_the_row(paper, unit, text):
    assert gallery.quoted(gallery.Row(key="d", unit=unit, **{**ROW, "paper": paper})) == text


def test_row_without_a_number_ends_the_build(run):
    with pytest.raises(SystemExit, match='has no "V_up", which docs/gallery'):
        gallery.found(run, gallery.Row(key="V_up", unit="V", **ROW))


def test_every_quoted_number_stands_in_the_module_of_its_paper():
    listed = tomllib.loads((ROOT / "docs" / "gallery.toml").read_text())
    rows = [row for run in gallery.Gallery.model_validate(listed).run for row in run.row]
    assert len(rows) > 25
    for row in rows:
        assert not re.search(r"\d", re.sub(r"\{.*?\}", "", row.paper)), row.paper
        assert gallery.quoted(row)


def test_list_is_valid_and_names_files_that_exist():
    listed = tomllib.loads((ROOT / "docs" / "gallery.toml").read_text())
    for run in gallery.Gallery.model_validate(listed).run:
        for line in run.lines:
            assert all((ROOT / word).exists() for word in line.split() if word.endswith(".toml"))
