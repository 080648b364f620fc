"""`make bench` keeps a line per time, and says what became longer on the same machine."""

import pandas as pd
from bench_history import append, draw

NAME = "branch of lsmo_iv"


def run(commit, machine="2 cores of A"):
    return {"date": "2026-11-30", "commit": commit, "machine": machine}


def test_lines_are_kept_and_only_what_is_longer_here_is_said(tmp_path):
    path = tmp_path / "performance" / "history.csv"
    assert append(path, run("a"), {NAME: (10.0, 50.0), "command": (0.2, 1.0)}) == []
    assert append(path, run("b", "2 cores of B"), {NAME: (5.0, 90.0)}) == []
    said = append(path, run("c"), {NAME: (12.0, 60.6), "command": (0.5, 1.19)})
    assert said == ["branch of lsmo_iv: 60.6, 50 at a: 1.21 times as long"]
    assert append(path, run("d"), {NAME: (12.0, 61.0)}) == []  # against the last
    history = pd.read_csv(path)
    assert list(history["commit"]) == ["a", "a", "b", "c", "c", "d"]
    assert list(history["ratio"]) == [50.0, 1.0, 90.0, 60.6, 1.19, 61.0]
    assert [len(panel.lines) for panel in draw(path).axes] == [2, 1]
