"""The fit of the SET to its paper, and its table of sensitivities, without running a SET."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import Document, read
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.papers.buttberg2025 import TARGETS
from mitmodels.cases.sweeps.points import expand
from mitmodels.errors import InputError, RunError

pytestmark = pytest.mark.serial

TOOL = Path(__file__).resolve().parents[3] / "tools" / "ecm_paper_fit.py"
SPEC = importlib.util.spec_from_file_location("ecm_paper_fit", TOOL)
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)
FITTED, PARAMETERS, SHIPPED = tool.FITTED, tool.PARAMETERS, tool.SHIPPED


def test_every_fitted_number_of_the_shipped_file_is_in_the_table() -> None:
    fitted = {
        f"{section}.{key}"
        for section in type(SHIPPED).model_fields
        for key, value in getattr(getattr(SHIPPED, section), "__dict__", {}).items()
        if isinstance(value, Quantity) and value.status == "fitted"
    }
    assert fitted <= set(PARAMETERS)
    assert set(FITTED) <= fitted


def test_fit_finds_the_parameters_that_meet_the_statements(monkeypatch) -> None:
    """Of a model whose results are linear in the parameters, with more parameters than results."""
    fitted = [s for s in TARGETS if s.fitted]
    weights = np.random.default_rng(1).normal(size=(len(fitted), len(FITTED)))

    def evaluate(points, _folder):
        document = read({"base": tool.CASE, "sweep": points})
        configs = [
            Document(document.path, "", p.data).validate(Config) for p in expand(document).points
        ]
        return [results([value(c, n) / value(SHIPPED, n) - 1 for n in FITTED]) for c in configs]

    def value(config, name):
        section, key = name.split(".")
        return getattr(getattr(config, section), key)

    def results(changes):
        off = weights @ changes
        return {
            s.name: s.value + s.tolerance * (x + 0.05) for s, x in zip(fitted, off, strict=True)
        }

    monkeypatch.setattr(tool, "evaluate", evaluate)
    assert "0.0000 at the end" in tool.fit(Path("unused"), 1)


def test_runs_that_fail_give_what_they_have(monkeypatch, tmp_path) -> None:
    """Every parameter alone, 5 % lower and higher; nothing is stored besides tables."""
    sources = []

    def sweep(source, folder):
        sources.append(expand(read(source)).points)
        raise RunError("far enough")

    monkeypatch.setattr(tool, "sweep", sweep)
    with pytest.raises(InputError, match="is not the folder of a sweep"):
        tool.sensitivity(tmp_path)
    base, *points = sources[0]
    assert len(points) == 2 * len(PARAMETERS)
    assert (base.data["output"]["figures"], base.data["output"]["fields_at"]["I"]) == (False, [])
    low, high = points[2 * PARAMETERS.index("void.width") :][:2]
    for point, factor in ((low, 0.95), (high, 1.05)):
        config = Document(Path("mapping"), "", point.data).validate(Config)
        assert config.void.width == pytest.approx(factor * SHIPPED.void.width, rel=1e-12)
        assert config.barrier.void == SHIPPED.barrier.void


def test_report_names_the_parameters_that_decide_a_prediction() -> None:
    """One parameter moves the temperature by more than its tolerance, one ends the regime B."""
    base = {s.name: s.value for s in TARGETS}
    table = dict.fromkeys(PARAMETERS, (base, base))
    table["void.width"] = (base, base | {"T_max": 890.0})
    table["geometry.radius"] = (base | {"slope B": 40.0}, base)
    rows = {
        line.split("|")[1].strip(): line
        for line in tool.report(base, table).splitlines()
        if "|" in line
    }
    assert "`void.width`" in rows["T_max [K]"]
    assert "fitted" in rows["T_max [K]"]
    assert "`geometry.radius`" in rows["slope B [dec/V]"]
    assert "prediction" in rows["slope B [dec/V]"]
    assert "`" not in rows["slope A [dec/V]"]
