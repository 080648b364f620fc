"""Progress: a bar on a terminal, lines elsewhere, nothing on other ranks."""

import io
import logging
import sys
import time
from types import SimpleNamespace

import pytest
from rich.console import Console

from mitmodels.cases.console.progress import Progress

pytestmark = pytest.mark.serial


def follow(rank=0, terminal=False, interval=0.0):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    progress = Progress(SimpleNamespace(rank=rank), console, interval)
    with progress.stage("branch", total=55.0, unit="V") as stage:
        stage.update(11.0, "I = 16.9 mA")
    return out.getvalue()


def test_lines_go_to_the_log(caplog):
    caplog.set_level(logging.INFO)
    assert follow() == ""
    first, last = caplog.messages
    assert first == "branch: 11 of 55 V, I = 16.9 mA"
    assert last.startswith("branch: done in ")


def test_of_a_quantity_that_only_rises_the_rest_is_estimated(caplog):
    caplog.set_level(logging.INFO)
    for unit, estimated in (("s", True), ("V", False)):
        caplog.clear()
        with Progress(SimpleNamespace(rank=0), interval=0.0).stage("time", 10.0, unit) as stage:
            for done in (1.0, 2.0, 2.1):
                stage.update(done, "T = 300 K")
                time.sleep(0.01)
        assert caplog.messages[2].endswith("; about 0:00:01 left") == estimated


def test_lines_are_as_rare_as_asked(caplog):
    caplog.set_level(logging.INFO)
    follow(interval=3600.0)
    assert len(caplog.messages) == 1


def test_terminal_shows_a_bar():
    shown = follow(terminal=True)
    assert "branch" in shown
    assert "20%" in shown
    assert "I = 16.9 mA" in shown


def test_other_ranks_are_silent(caplog):
    assert follow(rank=1, terminal=True) == ""
    assert not any("16.9" in message for message in caplog.messages)


def test_notebook_shows_a_bar_without_widgets_in_place_of_lines(monkeypatch, capsys):
    """Where the bar stands nothing else is printed; it is replaced, not repeated."""
    shown, handles = [], []

    def display(content, display_id):
        assert display_id
        shown.append(content)
        handles.append(SimpleNamespace(update=shown.append))
        return handles[-1]

    module = SimpleNamespace(HTML=str, display=display)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a kernel does
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=module))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    with Progress(SimpleNamespace(rank=0), interval=0.0).stage("branch", 55.0, "V") as stage:
        stage.update(11.0, "I < 17 mA")
        stage.update(11.1, "too soon to be drawn")
        stage.update(55.0, "end")
    assert len(handles) == 1
    assert shown[1] == 'branch <progress value="0.2000"></progress> 20 % I &lt; 17 mA'
    assert shown[2].endswith("100 % end")
    assert len(shown) == 3
    assert capsys.readouterr() == ("", "")
