"""What the papers state: every value that is found is within its tolerance.

The tables are those of `cases/papers`; a run is that of `docs/gallery.toml`.
"""

import re
from pathlib import Path

import pytest

from mitmodels.cases.papers.statements import (
    CLOSED_FORM,
    DISAGREE,
    OUTCOMES,
    UNCHECKED,
    all_statements,
    found,
)

pytestmark = pytest.mark.serial
CHECKED = [line for line in all_statements() if line.outcome != UNCHECKED]
RUNS = [
    run if run == CLOSED_FORM else pytest.param(run, marks=pytest.mark.slow)
    for run in dict.fromkeys(line.run for line in CHECKED)
]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("run", RUNS)
def test_statements(run, request, record):
    folder = Path() if run == CLOSED_FORM else request.getfixturevalue("made")(run)
    left = []
    for line, value in found([line for line in CHECKED if line.run == run], folder).items():
        record(f"{line.paper}, {line.where}: {line.statement}", line.tolerance, line.shown(value))
        if not line.holds(value):
            left.append(f"{line.paper}, {line.key}: {value:.6g} is not {line.tolerance}")
    assert not left


def test_tables_are_whole(gallery):
    """Each row can be evaluated, and quotes numbers of the module of its paper only."""
    assert len(CHECKED) >= 110
    for line in CHECKED:
        assert line.outcome in OUTCOMES, line
        assert bool(line.ours) == (line.outcome in DISAGREE), line
        assert not re.search(r"\d", re.sub(r"\{.*?\}", "", line.says)), line
        assert line.quoted, line
        line.interval(line.agrees)
    assert {line.run for line in CHECKED} - {CLOSED_FORM} <= gallery.listed().keys()
    assert len({(line.paper, line.where, line.statement) for line in CHECKED}) == len(CHECKED)
    assert all(line.why for line in all_statements() if line.outcome == UNCHECKED)


def test_page_shows_every_statement(gallery):
    page = (gallery.DOCS / "gallery" / "statements.md").read_text()
    for line in CHECKED:
        assert f"| {line.where} | {line.statement} | {line.quoted} |" in page, "run make gallery"
        assert f"| {line.tolerance} | {line.outcome} | {line.run} |" in page, "run make gallery"


def test_value_that_leaves_its_tolerance_fails():
    """One that agrees leaves that of the paper; one that does not, that of what was found."""
    agrees = next(line for line in CHECKED if line.key == "V_th_approximate")
    apart = next(line for line in CHECKED if line.key == "V_th_in_ohm_cm")
    assert [agrees.holds(V) for V in (15.4, 15.46, 15.34)] == [True, False, False]
    assert [apart.holds(V) for V in (1.538, 1.6, 15.4)] == [True, False, False]
