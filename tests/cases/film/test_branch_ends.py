"""A branch that cannot be followed, or not be read, to its end: what was found is written."""

from dataclasses import replace
from itertools import islice

import pytest
from films import COARSE, SHEET, SHIPPED

from mitmodels.cases import api
from mitmodels.solvers.film.continuation import PseudoArclength
from mitmodels.solvers.film.points import Point
from mitmodels.solvers.petsc import SolverError

HELPERS = SHEET.parent
QUICK = ("output.figures=false", "output.check_stability=false")
pytestmark = pytest.mark.serial


def finished(file, folder, *overrides):
    """Values of the summary of a run, and the details of its events by their names."""
    run = api.run(file, folder, overrides=(*QUICK, *overrides))
    events: dict[str, list[str]] = {}
    for row in run.events.itertuples():
        events.setdefault(row.event, []).append(row.detail)
    return {name: entry["value"] for name, entry in run.summary.items()}, events


def test_closed_curve_is_recognised(tmp_path, monkeypatch):
    """A branch whose first points come again."""
    intact = PseudoArclength.trace

    def lap_after_lap(self, start, *arguments):
        found = (each for each in intact(self, start, *arguments) if isinstance(each, Point))
        lap = list(islice(found, 8))
        return (replace(p, s=p.s + n * lap[-1].s) for n in (0, 1) for p in lap)

    monkeypatch.setattr(PseudoArclength, "trace", lap_after_lap)
    summary, events = finished(SHEET, tmp_path / "run", *COARSE)
    (reason,) = events["ramp ended"]
    assert reason.startswith("the branch comes back to itself at ")
    assert 'geometry.domain = "quarter"' in reason
    assert reason in events["warning"]
    assert summary["I_max"] is None


@pytest.mark.parametrize(
    ("bound", "count"),
    [("points=100", "100 points"), ("folds=2", "2 folds")],
    ids=["points", "folds"],
)
def test_branch_that_wanders_is_ended(tmp_path, bound, count):
    """The wall catches on elements of 7.6 um: thousands of points, dozens of folds."""
    summary, events = finished(HELPERS / "wanders.toml", tmp_path / "run", f"numerics.{bound}")
    (reason,) = events["ramp ended"]
    assert reason.startswith(f"the branch has {count} at ")
    assert "mesh.edge_size" in reason
    assert f"numerics.{bound.split('=')[0]}" in reason
    assert summary["V_up"] == pytest.approx(204.896, rel=1e-4)
    assert len(events["fields"]) >= 2


def test_ramp_ends_where_nothing_is_solid(tmp_path):
    """A current 1000 times too large, as one slip of a unit gives it."""
    hot = ("ambient.temperature=400 K", "protocol.0.to=50 A", "mesh.size=2 um")
    run = api.run(SHEET, tmp_path / "run", overrides=(*QUICK, *hot))
    assert "nothing is solid at 10000 K" in set(run.events["detail"])
    assert run.iv["T_max [K]"].max() == pytest.approx(1e4, rel=1e-6)


def test_fold_behind_a_bend_of_the_table_is_found(tmp_path):
    """Where Newton's method fails within the search, a shorter step leads to the fold."""
    summary, _ = finished(HELPERS / "bent_table.toml", tmp_path / "run")
    assert summary["I_up"] == pytest.approx(0.0534567, rel=1e-5)
    assert summary["I_down"] == pytest.approx(0.0499886, rel=1e-5)


def test_failed_search_is_a_null_with_its_reason(tmp_path, monkeypatch):
    """No state at a temperature is solved for: all else is as it is."""

    def fail(*_):
        raise SolverError("Newton did not converge (DIVERGED_DTOL)")

    overrides = (*COARSE, "output.fields_at=")
    whole, _ = finished(SHIPPED, tmp_path / "whole", *overrides)
    monkeypatch.setattr(PseudoArclength, "at_temperature", fail)
    summary, events = finished(SHIPPED, tmp_path / "less", *overrides)
    assert whole["V_full"] is not None
    assert summary["V_full"] is None
    assert any(w.startswith("full: it is not solved for: Newton") for w in events["warning"])
    for name in ("V_up", "V_down", "I_max", "V_nucleated"):
        assert summary[name] == pytest.approx(whole[name], rel=1e-12)


@pytest.mark.parametrize("search", ["at_drive", "search"])
def test_no_failing_search_ends_a_run(tmp_path, monkeypatch, search):
    """Behind the branch; on it a shorter step is taken."""
    intact, calls = getattr(PseudoArclength, search), []

    def fail_after_the_branch(self, *arguments):
        calls.append(arguments)
        if len(calls) > 4:
            raise SolverError("Newton did not converge (DIVERGED_DTOL)")
        return intact(self, *arguments)

    monkeypatch.setattr(PseudoArclength, search, fail_after_the_branch)
    overrides = (*COARSE, "mesh.degree=1", "protocol.0.to=20 V")
    summary, events = finished(SHEET, tmp_path / "run", *overrides)
    assert len(calls) > 4
    assert events["warning"]
    assert summary["V_up"] is not None
