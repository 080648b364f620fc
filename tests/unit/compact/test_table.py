"""Tables of compact models: as few rows as an error allows, and their text."""

import re

import numpy as np
import pytest

from mitmodels.compact.spice import corners, number, points, pwl, source
from mitmodels.compact.table import Curve, Table, vertices
from mitmodels.compact.verilog_a import function
from mitmodels.drive.waveform import Waveform

X = np.linspace(0, 1, 2001)


def test_rows_are_as_few_as_the_error_allows():
    """A parabola between lines errs by h^2/8 y'': with 1e-3 a line spans 0.0632 of [0, 1]."""
    parabola, line = 2 * X**2, 3 * X
    kept = vertices(X, np.column_stack([parabola, line]), (1e-3, 1e-12))
    assert len(kept) == pytest.approx(1 + 1 / np.sqrt(8e-3 / 4), abs=1)
    assert np.abs(np.interp(X, X[kept], parabola[kept]) - parabola).max() <= 1e-3
    assert vertices(X, line[:, None], (1e-12,)).tolist() == [0, len(X) - 1]
    assert len(vertices(X, parabola[:, None], (np.inf,))) == 2


def test_reduced_table_keeps_every_column():
    columns = np.column_stack([np.exp(3 * X), np.sin(9 * X)])
    table = Table(X, columns, "x [m]", ("a [V]", "b [A]"))
    reduced = table.reduced((2e-2, 1e-3))
    assert len(reduced.x) < 150
    assert (np.abs(reduced.at(X) - columns).max(axis=0) <= (2e-2, 1e-3)).all()
    with pytest.raises(ValueError, match="must rise"):
        Table(X[::-1], columns, "x [m]", ("a", "b"))


def test_text_has_no_twins_and_ends_that_stay():
    curve = Curve(np.array([1.0, 1.0 + 1e-14, 2.0]), np.array([5.0, 5.0, 7.0]))
    words = "".join(pwl("v(t)", curve))
    assert words.replace(" ", "") == "pwl(v(t),-999,5,1,5,2,7,1002,7)"
    assert points([0.0, 0.0], [1.0, 1.0]) == [("0", "1")]
    assert all(len(line) < 110 for line in source("V1", "a", "0", [(X[i], 1.0) for i in range(99)]))


def test_waveforms_become_corners():
    ramp, sine = Waveform((0, 1.0), (0, 2.0)), Waveform((1.0, 2.0), (2.0, 0.0), is_sine=True)
    found = corners([ramp, sine])
    assert found[:2] == [(0, 0.0), (1.0, 2.0)]
    assert len(found) == 34
    assert all(value == pytest.approx(sine(t)) for t, value in found[2:])


def test_analog_function_is_the_monotone_cubic():
    """Its text, read as Python, gives the points, stays between them and ends constant."""
    curve = Curve(np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 2.5]))
    text = function("f", curve)
    body = text.partition("begin")[2].rpartition("end\nendfunction")[0]
    body = re.sub(r"(\w+) = ([^;]+);", r"\1 = \2", body).replace("else if", "elif")
    body = re.sub(r"(?m)^ *end$", "", body).replace(" begin", "")
    lines = [line[8:] for line in body.splitlines() if line.strip()]
    source_text = "\n".join(
        f"{line}:" if re.match(r"(if|elif|else)", line) else line for line in lines
    )
    program = compile(source_text, "f", "exec")

    def value(x: float) -> float:
        found = {"x": x}
        exec(program, found)
        return float(found["f"])

    assert [value(x) for x in (-1, 0, 1, 3, 4)] == pytest.approx([1, 1, 2, 2.5, 2.5])
    between = [value(x) for x in np.linspace(0, 3, 50)]
    assert (np.diff(between) > 0).all()
    assert number(0.1 + 0.2) == "0.3"
