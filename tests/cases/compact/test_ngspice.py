"""Circuits in ngspice: what it finds, and what is said where it does not."""

import numpy as np
import pytest

from mitmodels.cases.compact import ngspice
from mitmodels.cases.compact.ngspice import Transient, solve
from mitmodels.compact.spice import pwl, source, wrapped
from mitmodels.compact.table import Curve
from mitmodels.errors import InputError, RunError

pytestmark = pytest.mark.serial
needs_ngspice = pytest.mark.skipif(not ngspice.is_there(), reason=ngspice.MISSING)

RC = source("V1", "a", "0", [(0, 0.0), (1e-9, 1.0)]) + "\nR1 a b 1k\nC1 b 0 1n\n"


@needs_ngspice
def test_capacitor_is_charged():
    found = solve(Transient(RC, 5e-6, 1e-8, ("v(b)", "i(V1)"), "reltol=1e-5"))
    assert found.time[-1] == pytest.approx(5e-6)
    expected = 1 - np.exp(-found.time / 1e-6)
    np.testing.assert_allclose(found["v(b)"], expected, atol=2e-3)
    late = found.time > 2e-9
    np.testing.assert_allclose(found["i(v1)"][late], (expected[late] - 1) / 1e3, atol=3e-6)


@needs_ngspice
def test_table_is_the_curve_that_was_written():
    x = np.sort(np.random.default_rng(1).uniform(0, 300, 200))
    curve = Curve(x, np.cos(x / 30))
    ramp = source("V1", "a", "0", [(0, -50.0), (1.0, 400.0)])
    text = f"{ramp}\n{wrapped(['B1 b 0 V =', *pwl('v(a)', curve)])}\n"
    found = solve(Transient(text, 1.0, 1e-3, ("v(a)", "v(b)"), "reltol=1e-6"))
    np.testing.assert_allclose(found["v(b)"], curve(found["v(a)"]), atol=1e-6)


@needs_ngspice
def test_circuit_that_cannot_be_solved_says_so():
    with pytest.raises(RunError, match=r"ngspice found nothing: .*nosuch"):
        solve(Transient(f"{RC}X1 a b nosuch\n", 1e-6, 1e-8, ("v(b)",)))


def test_missing_ngspice_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="sudo apt install ngspice"):
        solve(Transient(RC, 1e-6, 1e-8, ("v(b)",)))
