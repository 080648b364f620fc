"""What chance does to cells: distributions over seeds, regimes of the SET time, cycles."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecm_cells import SHIPPED

from mitmodels.cases import api
from mitmodels.cases.cell import distributions
from mitmodels.cases.cell.cycles import cycles
from mitmodels.cases.cell.figures import distributions as figures
from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config, resolved
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.cell.events import Event
from mitmodels.solvers.runs.reading import Run

pytestmark = pytest.mark.serial  # no ranks take part

SEEDS = range(40)
PULSES = SHIPPED.with_name("ecm_nucleation.toml")
RAMPS = SHIPPED.with_name("ecm_seeds.toml")


def completed(shipped, path, *overrides: str) -> Run:
    """A run as far as these tables read it: its configuration, and where it ended."""
    config = load_config(shipped, ["sweep=", *overrides], Config)
    path.mkdir()
    (path / "config.resolved.toml").write_text(resolved(config))
    (path / "run.json").write_text('{"status": "completed"}')
    (path / "iv.csv").write_text("t [s],V_source [V]\n0,0\n2,2\n")
    return Run(path)


def test_distributions_over_seeds(tmp_path, monkeypatch, record) -> None:
    """Under a ramp, one in ten without a SET: of nuclei drawn from the law the law is accepted."""
    run = completed(RAMPS, tmp_path / "a")
    law, T = distributions.law_of(run), 300.0
    b, drawn = law.steepness(T), [replace(law, seed=seed) for seed in SEEDS]
    V = np.array([np.log1p(b * law.draw(0) / law.rate(0.0, T)) / b for law in drawn])
    late = np.sort(V)[-5] < V
    columns = {"t_nucleation [s]": V, "V_nucleation [V]": V}
    columns |= {f"{name}_set [{unit}]": np.where(late, np.nan, V + 0.1) for name, unit in
                (("t", "s"), ("V", "V"))}  # fmt: skip
    rows = pd.DataFrame({"point": "a", "state": "completed", **columns})
    monkeypatch.setattr(distributions, "completed", lambda _: rows)
    folder = SweepFolder(tmp_path, {"axes": [{"keys": ["nucleation.seed"]}], "points": []})
    folder.figures.mkdir(exist_ok=True)
    (file,) = figures.plot(folder)
    assert file.stat().st_size > 10_000
    table = pd.read_csv(tmp_path / "distributions.csv").set_index("quantity")
    assert list(table.index) == list(distributions.QUANTITIES)
    assert table["p_of_the_law"]["t_nucleation"] > 0.01
    assert table["without"].tolist() == [0, 4, 0, 4]
    assert table["mean"]["V_nucleation"] == pytest.approx(V.mean())
    # Of Gompertz's distribution, whose logarithm is as narrow as Weibull's with b V for its shape.
    assert table["weibull_shape"]["V_nucleation"] == pytest.approx(b * V.mean(), rel=0.3)


def test_regimes_of_the_set_time(tmp_path) -> None:
    V, grown = np.array([0.8, 1.2, 1.6, 2.0]), np.array([116, 4.4, 0.3, 0.034])
    law = distributions.law_of(completed(PULSES, tmp_path / "a"))
    waits = np.array([1 / law.rate(v, 300.0) for v in V])
    rows = pd.DataFrame({
        figures.HEIGHT: V, "t_set [s]": grown + waits, "t_nucleation [s]": waits,
    })  # fmt: skip
    (axes,) = figures.regimes(rows, Run(tmp_path / "a")).axes
    named = {text.get_text(): text.get_position()[0] for text in axes.texts}
    assert list(named) == ["nucleation", "charge transfer", "with hopping"]
    assert 0.8 < named["nucleation"] < 1.2 < named["charge transfer"] < 1.8
    assert axes.lines[0].get_ydata()[0] == pytest.approx(grown[0] + waits[0])


def test_cycles_end_with_their_reverse_voltage() -> None:
    """Two of them, the second without a nucleus, and half a third."""
    V = np.array([0, 1, 2, 0, -1, -2, -0.5, 1, 2, 0, -1, -2, 0, 1])
    t = np.arange(len(V), dtype=float)
    I = np.array([0, 0, 5, 0, -3, -1, -0.1, 0, 0, 0, -0.1, -0.2, 0, 0])  # noqa: E741
    R = np.array([9, 9, 1, 1, 2, 8, 9, 9, 9, 9, 7, 6, 5, 5])
    names = ("t", "V_source", "I", "R")
    rows = [dict(zip(names, row, strict=True)) for row in zip(t, V, I, R, strict=True)]
    events = [Event(0.5, "nucleation"), Event(1.5, "set"), Event(12.5, "nucleation")]
    first, second = cycles(rows, events)
    assert first == {
        "cycle": 1, "t_begin": 0.0, "t_nucleation": 0.5, "V_nucleation": 0.5, "t_set": 1.5,
        "V_set": 1.5, "R_on": 2.0, "V_reset": -1.0, "R_off": 9.0,
    }  # fmt: skip
    assert second["t_begin"] == pytest.approx(6 + 1 / 3)
    assert (second["t_set"], second["V_set"]) == (None, None)
    assert (second["R_on"], second["V_reset"], second["R_off"]) == (7.0, -2.0, 6.0)


def test_series_of_cycles_is_drawn(tmp_path) -> None:
    run = completed(RAMPS, tmp_path / "a")
    assert figures.series(run) is None
    (run.path / "cycles.csv").write_text(
        "cycle,V_nucleation [V],V_set [V],V_reset [V],R_on [ohm],R_off [ohm]\n"
        "1,1.4,1.7,-1,1e4,1e11\n2,,1.6,-1.1,2e4,1e11\n"
    )
    volts, ohms = figures.series(run).axes
    assert [len(axes.lines) for axes in (volts, ohms)] == [3, 2]


def test_check_says_when_no_nucleus_is_likely() -> None:
    short = 'protocol=[{ step = "pulse", value = "0.9 V", rise = "1 us", width = "100 s" }]'
    given = ("sweep=", short, "geometry.oxide=1 nm")
    warning = api.check(PULSES, overrides=given)["warning"]
    assert "a nucleus appears with a probability of 0.072: at 0.9 V it takes" in warning
    assert "warning" not in api.check(PULSES, overrides=("sweep=", "geometry.oxide=1 nm"))
