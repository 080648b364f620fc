"""Share of a run that its checkpoints take. Run with `make bench`; no time is asserted."""

import time
from importlib.resources import files
from pathlib import Path

import pytest

from mitmodels.cases import api
from mitmodels.solvers.runs.checkpoints import Checkpoints


@pytest.mark.parametrize("name", ["ecm_set", "lsmo_pulse"])
def test_share_of_checkpoints(name, tmp_path, monkeypatch, tabulate) -> None:
    """What a checkpoint every ten seconds costs a shipped case."""
    spent, written = 0.0, 0
    offer, save = Checkpoints.offer, Checkpoints.save

    def timed(self: Checkpoints, content: object) -> None:
        nonlocal spent
        begin = time.perf_counter()
        offer(self, content)
        spent += time.perf_counter() - begin

    def counted(self: Checkpoints, content: object) -> None:
        nonlocal written
        written += 1
        save(self, content)

    monkeypatch.setattr(Checkpoints, "offer", timed)
    monkeypatch.setattr(Checkpoints, "save", counted)
    begin = time.perf_counter()
    case = Path(str(files("mitmodels.cases") / f"{name}.toml"))
    api.run(case, tmp_path / "run", overrides=("output.figures=false",), checkpoint_every="10 s")
    whole = time.perf_counter() - begin
    row = (name, f"{100 * spent / whole:.2f}", str(written), f"{whole:.1f}")
    columns = ("case", "share of the run [%]", "checkpoints", "run [s]")
    tabulate(f"Checkpoints of {name}", "One every ten seconds of wall time.", columns, [row])
