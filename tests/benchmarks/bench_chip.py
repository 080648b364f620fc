"""Cost of nine coupled neurons over twenty periods: ten minutes on one core at most."""

import time

from mitmodels.cases import api

_ALLOWED = 600.0  # [s] of CPU time


def test_vo2_array(tabulate, timed, tmp_path) -> None:
    """The shipped array to its end, without figures."""
    begin = time.process_time()
    run = api.run("vo2_array", tmp_path / "run", overrides=("output.figures=false",))
    seconds = time.process_time() - begin
    units = timed("nine neurons, twenty periods", seconds)
    found = run.summary
    row = [str(len(run.iv)), str(found["spikes"]["value"]), f"{units:.1f}", f"{seconds:.0f}"]
    columns = ("steps of all", "least spikes of one", "units", "CPU time (s)")
    tabulate("Nine neurons on one substrate", "`vo2_array`, on one core.", columns, [row])
    assert found["spikes"]["value"] >= 20
    assert seconds < _ALLOWED
