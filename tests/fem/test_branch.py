"""What is read off a branch whose drive is known: lambda(s) = s^3/3 - 2 s^2 + 3 s."""

from dataclasses import dataclass

import pytest
from scipy.optimize import brentq

from mitmodels.solvers.film.branch import Branch

pytestmark = pytest.mark.serial


def drive(s):
    return s**3 / 3 - 2 * s**2 + 3 * s


@dataclass(frozen=True)
class Point:
    s: float
    kind: str = "step"

    @property
    def drive(self):
        return drive(self.s)

    @property
    def state(self):
        return self.s


@dataclass(frozen=True)
class Rounding:
    """Solves for a state at a drive, off by an error of the arclength."""

    error: float

    def at_drive(self, before, after, value):
        s = brentq(lambda s: drive(s) - value, before.s, after.s, xtol=1e-13)
        return Point(s + self.error)


@pytest.mark.parametrize("error", [-1e-9, 0.0, 1e-9])
def test_jumps_lead_across_the_unstable_part_however_a_fold_is_rounded(error):
    folds = Point(1.0, "fold"), Point(3.0, "fold")
    steps = [Point(s) for s in (-0.5, 0.25, 2.0, 3.5, 4.5)]
    points = sorted((*folds, *steps), key=lambda point: point.s)
    branch = Branch(Rounding(error), tuple(points))
    up, down = branch.jumps()
    assert (up.upward, up.before, up.after) == (True, 1.0, pytest.approx(4.0, abs=1e-8))
    assert (down.upward, down.before, down.after) == (False, 3.0, pytest.approx(0.0, abs=1e-8))
    for upward, ends in ((True, (-0.5, 1.0, 4.0, 4.5)), (False, (4.5, 3.0, 0.0, -0.5))):
        stretches = branch.sweep(upward)
        found = [point.s for stretch in stretches for point in (stretch[0], stretch[-1])]
        assert found == pytest.approx(ends, abs=1e-8)
