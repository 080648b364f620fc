"""Verilog-A texts of a film and of a cell, read by parsers that exist as packages."""

import re

import numpy as np
import pytest
from toy_cell import toy_cell

from mitmodels.compact import cell_text
from mitmodels.compact.film import FilmModel, module
from mitmodels.compact.table import Table

X = np.linspace(300.0, 400.0, 30)
TABLE = Table(X, np.column_stack([-X / 50, X, 2 * X]), "T_hot [K]", ("ln(G/S)", "R_1", "R_2"))


def text(pads_heat=False):
    return module(FilmModel(TABLE, (1e-6, 1e-3), 300.0, 100.0, pads_heat), "of a test\ntwo lines")


def plain(text):
    """The text without its attributes, which evas-sim does not know."""
    return re.sub(r"\(\*.*?\*\) ", "", text)


@pytest.mark.parametrize("pads_heat", [False, True])
def test_module_is_parsed(tmp_path, pads_heat):
    """No fault in the whole module; one parenthesis less is a fault."""
    reason = "evas-sim, a parser of Verilog-A, has no wheel for this platform"
    linter = pytest.importorskip("evas.compiler.linter", reason=reason)
    file = tmp_path / "film.va"
    file.write_text(plain(text(pads_heat)))
    assert not linter.has_compat_errors(linter.lint_file(str(file)))
    file.write_text(plain(text(pads_heat)).replace("limexp(ln_g(at))", "limexp(ln_g(at)"))
    assert linter.has_compat_errors(linter.lint_file(str(file)))


def test_module_of_a_cell_is_parsed(tmp_path):
    """No fault in the whole module; an analog block that does not end is a fault."""
    reason = "evas-sim, a parser of Verilog-A, has no wheel for this platform"
    linter = pytest.importorskip("evas.compiler.linter", reason=reason)
    text, file = plain(cell_text.module(toy_cell(), "of a test")), tmp_path / "cell.va"
    file.write_text(text)
    assert not linter.has_compat_errors(linter.lint_file(str(file)))
    file.write_text(text.replace("filled = volume(V(s));", "filled = volume(V(s);"))
    assert linter.has_compat_errors(linter.lint_file(str(file)))
