"""Benchmark problems: files fit their schemas, references hold, and results are what they say."""

import csv
import importlib.util
import json
from functools import partial

import jsonschema
import pytest
from problems import NAMES, ROOT, load
from references import constriction, filament, hemisphere, oscillator, planar_cell, sheet, square

TOOL = ROOT.parents[1] / "tools" / "benchmark.py"
SPEC = importlib.util.spec_from_file_location("benchmark", TOOL)
benchmark = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(benchmark)

pytestmark = pytest.mark.serial


def schema(name):
    return json.loads((ROOT / f"{name}.schema.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_files_fit_their_schemas(name):
    content = json.loads((ROOT / name / "problem.json").read_text())
    jsonschema.validate(content, schema("problem"))
    assert content["name"] == name
    for file in (ROOT / name / "results").glob("*.csv"):
        with file.open(newline="") as stream:
            for row in csv.DictReader(stream):
                typed = {
                    **row,
                    "value": float(row["value"]) if row["value"] else None,
                    "seconds": float(row["seconds"]),
                    "lines": int(row["lines"]),
                }
                jsonschema.validate(typed, schema("result"))


@pytest.mark.parametrize("name", NAMES)
def test_references_are_ten_times_better_than_the_tolerance(name):
    assert all(q.uncertainty <= q.tolerance / 10 for q in load(name).report)


@pytest.mark.parametrize("name", NAMES)
def test_results_agree_or_say_why_not(name):
    problem = load(name)
    tolerance = {q.quantity: q.tolerance for q in problem.report}
    for result in problem.results:
        error = problem.error(result)
        agrees = error is not None and error <= tolerance[result.quantity]
        assert agrees or result.remark, f"{result.code}: {result.quantity} is {error} off"


def test_three_codes_solve_the_problems_that_any_code_can():
    for name in ("self_heating_square", "sheet_film", "heated_square", "constriction"):
        assert len({result.code for result in load(name).results}) >= 3


def found(name):
    """Reference values by one of their methods."""
    return {
        "self_heating_square": by_collocation(1.0, 0.3, 32, {2: (0.3, 0.6), 8: (1.9, 2.2)}),
        "sheet_film": by_collocation(20.0, 0.1, 100, {}),
        "heated_square": square.half_space() | {"T_slab": square.slab_centre_by_images(0.4)},
        "filament": {
            "V_plateau": filament.plateau()[0],
            "T_hot": filament.plateau()[2],
            "V_even": filament.end_of_even_film()[0],
        },
        "constriction": {
            "R_cold": constriction.resistance(0.5, 3.0, 2 / 3**0.5),
            "T_4": constriction.largest_temperature(4.0),
            "I_4": constriction.current(4.0, constriction.resistance(0.5, 3.0, 2 / 3**0.5)),
            "R_hole": constriction.resistance(0.0, 20.0, 1.0),
        },
        "planar_cell": {
            "t_close": planar_cell.closing_time(),
            "J_ion": planar_cell.ionic_current(1e-9),
            "gap": planar_cell.gap_at(0.3),
        },
        "hemisphere": {
            "I_ion": hemisphere.ionic_current(hemisphere.SEED),
            "t_set": hemisphere.time_to(hemisphere.radius_of_set()),
        },
        "film_on_half_space": {},  # its methods are two of the codes, and take minutes
        "oscillator": {},  # some seconds
    }[name]


def by_collocation(length, smoothing, points, voltages):
    state = sheet.Collocation(sheet.Strip(length, smoothing), points)
    values = {}
    for V, centres in voltages.items():
        values[f"T_{V}"], values[f"I_{V}"] = sheet.at_voltage(state, V, centres)
    if length == 1.0:
        return values | {"I_max": sheet.extremum(state, 0, 1, (0.9, 1.1))[0]}
    values["V_up"] = sheet.extremum(state, 1, 1, (0.85, 0.92))[0]
    return values


@pytest.mark.parametrize("name", NAMES)
def test_references_are_found_again(name):
    expected = {q.quantity: q.reference for q in load(name).report}
    for quantity, value in found(name).items():
        assert value == pytest.approx(expected[quantity], rel=1e-9)


def test_second_methods_agree():
    """Quadrature, Runge-Kutta and an integral over the angle against what is stored."""
    film = sheet.Strip(20.0, 0.1)
    expected = {q.quantity: q.reference for q in load("sheet_film").report}
    up = sheet.extremum(partial(sheet.quadrature, film), 1, 1, (0.875, 0.879))[0]
    assert up == pytest.approx(expected["V_up"], rel=1e-11)
    assert planar_cell.gap_at(planar_cell.closing_time()) == pytest.approx(0.25e-9, rel=1e-9)
    grown = {q.quantity: q.reference for q in load("hemisphere").report}
    assert hemisphere.radius_at(0.1) == pytest.approx(grown["a"], rel=1e-11)
    assert hemisphere.time_to(grown["a"]) == pytest.approx(0.1, rel=1e-11)
    last = hemisphere.ELECTRODE - grown["gap"]
    assert hemisphere.time_to(last) == pytest.approx(2.0, rel=1e-11)
    assert hemisphere.voltage(last) == pytest.approx(grown["V_cell"], rel=1e-10)
    assert square.half_space_by_integration(0.5, 0.0) == pytest.approx(
        square.half_space()["T_side"], rel=1e-9
    )


def test_oscillator_is_found_again_with_fewer_cosines():
    """24 of 48, which are 7e-5 off where the current peaks."""
    found = oscillator.cycle(*oscillator.oscillation(24, oscillator.by_cosines, "LSODA", 1e-8))
    for q in load("oscillator").report:
        assert found[q.quantity] == pytest.approx(q.reference, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("method", [oscillator.by_series, oscillator.by_volumes])
def test_oscillator_is_found_again(method, record):
    found = method()
    for q in load("oscillator").report:
        error = abs(found[q.quantity] / q.reference - 1)
        record(f"oscillating film, {method.__name__}, {q.quantity}", q.uncertainty, error)
        assert error <= q.uncertainty


@pytest.mark.slow
@pytest.mark.parametrize("method", ["finite elements", "finite volumes"])
def test_film_on_half_space_is_found_again(method, record):
    """The reference is between both methods, and the uncertainty their distance."""
    from references.film_on_half_space import extrapolated

    found = extrapolated(method)
    for q in load("film_on_half_space").report:
        error = abs(found[q.quantity] / q.reference - 1)
        record(f"film on a half-space, {method}, {q.quantity} extrapolated", q.uncertainty, error)
        assert error <= q.uncertainty


def test_tables_of_the_pages_are_those_of_the_files():
    """`python tools/benchmark.py` renews them."""
    for name, text in benchmark.pages().items():
        assert (benchmark.PAGES / "tables" / f"{name}.md").read_text() == text
