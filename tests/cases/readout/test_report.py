"""The page of a run or a sweep: what it holds, and that it works in a browser without a network."""

import json
import re

import pytest
from browser import drive, needs_chromium

import mitmodels
from mitmodels.cases import cli
from mitmodels.cases.figures.stored_states import stored_states
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

MEGABYTES = 8.0
# Slide from the first row to the last; what the map and the plot show is in between.
SLIDE = """
const slider = document.getElementById("slider");
const seen = () => [
  document.getElementById("map").toDataURL(), document.getElementById("here").getAttribute("cx"),
  document.getElementById("lines").innerHTML, document.getElementById("readout").textContent];
send(slider, 0); await wait();
const first = seen();
send(slider, slider.max); await wait();
const last = seen();
result.moved = first.map((text, i) => text !== last[i]);
result.blank = first[0].length < 1000;
result.buttons = document.getElementById("stops").children.length;
result.wide = document.documentElement.scrollWidth > innerWidth;
"""


@pytest.fixture(scope="module")
def pages(film, cell, sweep, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    found = {"film": film, "cell": cell, "sweep": sweep}
    return {
        name: mitmodels.report(one.path, out=folder / f"{name}.html") for name, one in found.items()
    }


def test_page_has_every_number_with_its_origin(film, pages):
    page = pages["film"].read_text()
    for name in film.summary:
        assert f"<td>{name}</td>" in page
    conductivity = film.config["substrate"]["conductivity"]
    assert f"<td>{conductivity['value']}</td><td>fitted</td>" in page
    assert f">{conductivity['source']}</td>" in page
    assert page.count("<tr>") > len(film.iv) + len(film.events)
    assert film.record["commit"] in page


def test_page_needs_nothing_else(pages):
    """No address in what is loaded: those in sources and BibTeX are text."""
    for page in pages.values():
        text = page.read_text()
        assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)|@import|url\(""", text)
        assert page.stat().st_size < MEGABYTES * 1e6


def test_warnings_come_first(film, tmp_path):
    """Of a run that failed, before anything that it found."""
    copy = tmp_path / "failed"
    (copy / "figures").mkdir(parents=True)
    for name in ("config.resolved.toml", "iv.csv", "events.csv"):
        (copy / name).write_bytes((film.path / name).read_bytes())
    (copy / "run.json").write_text(json.dumps({"status": "failed", "error": "<no> memory"}))
    (copy / "events.csv").write_text("event,detail\nwarning,beyond 400 K\n")
    page = mitmodels.report(copy).read_text()
    text = page.partition('id="viewer"')[0]
    assert "not complete: it is failed" in text
    assert "&lt;no&gt; memory</li><li>beyond 400 K" in text


def test_page_that_exists_is_kept(film, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("mine")
    with pytest.raises(InputError, match=r"page\.html: exists already: name another with --out"):
        cli.app(["report", str(film.path), "--out", str(page)])
    assert page.read_text() == "mine"


@needs_chromium
@pytest.mark.parametrize("kind", ["film", "cell"])
def test_slider_moves_curve_and_map(kind, pages, film, cell, tmp_path):
    found = drive(pages[kind], SLIDE, tmp_path, 500)
    run = film if kind == "film" else cell
    assert found["errors"] == []
    # This cell stays cold; a film has no outline that moves.
    assert found["moved"] == [kind == "film", True, kind == "cell", True]
    assert not found["blank"]
    assert found["buttons"] == len(stored_states(run))
    assert not found["wide"]


@needs_chromium
def test_slider_of_a_sweep_chooses_the_point(pages, tmp_path):
    steps = """
    const point = document.getElementById("point"), name = document.getElementById("name");
    const map = () => document.getElementById("map").toDataURL();
    const before = [name.textContent, map()];
    send(point, 1); await wait();
    result.names = [before[0], name.textContent];
    result.moved = before[1] !== map();
    """
    found = drive(pages["sweep"], steps, tmp_path)
    assert found == {"errors": [], "names": ["temperature=100K", "temperature=120K"], "moved": True}


@needs_chromium
def test_pointer_over_curve_and_map_reads_values(pages, tmp_path):
    steps = """
    const hint = document.getElementById("hint");
    const point = (node, x, y) => node.dispatchEvent(
      new PointerEvent("pointermove", { clientX: x, clientY: y, bubbles: true }));
    const here = document.getElementById("here").getBoundingClientRect();
    point(document.getElementById("plot"), here.x + 6, here.y + 6);
    result.curve = hint.textContent;
    const map = document.getElementById("map").getBoundingClientRect();
    point(document.getElementById("frame"), map.x + map.width / 2, map.y + map.height / 2);
    result.map = hint.textContent;
    """
    found = drive(pages["film"], steps, tmp_path)
    assert found["errors"] == []
    assert re.fullmatch(r"V_source = [\d.]+ V\nI = [\d.]+ mA", found["curve"])
    assert re.fullmatch(r"[\d.]+ K", found["map"])


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("name", ["lsmo_iv", "ecm_set", "lsmo_family"])
def test_report_of_a_shipped_case(name, tmp_path, record):
    begin = mitmodels.sweep if name == "lsmo_family" else mitmodels.run
    page = mitmodels.report(begin(name, tmp_path / "run", overrides=["output.figures=false"]).path)
    found = drive(page, SLIDE, tmp_path)
    size = page.stat().st_size / 1e6
    record(f"report of {name}: size [MB]", MEGABYTES, size)
    record(f"report of {name}: errors in the browser", 0, len(found["errors"]))
    assert size < MEGABYTES
    assert found["errors"] == []
    assert found["moved"] == [True, True, name == "ecm_set", True]
