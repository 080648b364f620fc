"""Cost of nine coupled neurons: a minute of one core for two periods, ten for twenty."""

import time

from mitmodels.cases import api

_ALLOWED = 60.0  # [s] of CPU time


def test_vo2_array(tabulate, timed, tmp_path) -> None:
    """The shipped array for two periods of its slowest neuron, without figures."""
    begin = time.process_time()
    short = ("output.figures=false", "output.fields_at=", "protocol.1.duration=21.5 us")
    run = api.run("vo2_array", tmp_path / "run", overrides=short)
    seconds = time.process_time() - begin
    units = timed("nine neurons: two periods", seconds)
    found = run.summary
    row = [str(len(run.iv)), str(found["spikes"]["value"]), f"{units:.1f}", f"{seconds:.0f}"]
    columns = ("steps of all", "least spikes of one", "units", "CPU time (s)")
    note = "`vo2_array` for two of its twenty periods, on one core."
    tabulate("Nine neurons on one substrate", note, columns, [row])
    assert found["spikes"]["value"] >= 1
    assert seconds < _ALLOWED
