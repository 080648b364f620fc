"""The fit of the SET to its paper, and its table of sensitivities, without running a SET."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.cell.growth import Config
from mitmodels.cases.config.document import load_config
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.papers.buttberg2025 import STATEMENTS
from mitmodels.errors import InputError, RunError

pytestmark = pytest.mark.serial

TOOL = Path(__file__).resolve().parents[3] / "tools" / "ecm_paper_fit.py"
SPEC = importlib.util.spec_from_file_location("ecm_paper_fit", TOOL)
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)
FITTED, PARAMETERS, TOML = tool.FITTED, tool.PARAMETERS, tool.TOML


def test_every_fitted_number_of_the_shipped_file_is_in_the_table() -> None:
    config = load_config(TOML, [], Config)
    fitted = {
        f"{section}.{key}"
        for section in type(config).model_fields
        for key, value in getattr(getattr(config, section), "__dict__", {}).items()
        if isinstance(value, Quantity) and value.status == "fitted"
    }
    assert fitted <= set(PARAMETERS)
    assert set(FITTED) <= fitted


def test_fit_finds_the_parameters_that_meet_the_statements(monkeypatch) -> None:
    """Of a model whose results are linear in the parameters, with more parameters than results."""
    fitted = [s for s in STATEMENTS if s.fitted]
    weights = np.random.default_rng(1).normal(size=(len(fitted), len(FITTED)))

    def evaluate(factors, _folder):
        off = weights @ [factors.get(name, 1.0) - 1 for name in FITTED]
        return {
            s.name: s.value + s.tolerance * (x + 0.05) for s, x in zip(fitted, off, strict=True)
        }

    monkeypatch.setattr(tool, "evaluate", evaluate)
    assert "0.0000 at the end" in tool.fit(Path("unused"), 1)


def test_factors_scale_the_parameters_of_the_run(monkeypatch, tmp_path) -> None:
    configs = []

    def run(toml, _path, overrides):
        configs.append(load_config(toml, overrides, Config))
        raise RunError("far enough")

    monkeypatch.setattr(api, "run", run)
    factors = np.array([1.1, 1.0])
    with pytest.raises(InputError, match="is not a run folder"):
        tool.evaluate(dict(zip(("barrier.void", "void.width"), factors, strict=True)), tmp_path)
    shipped = load_config(TOML, [], Config)
    assert configs[0].barrier.void == pytest.approx(1.1 * shipped.barrier.void, rel=1e-12)
    assert configs[0].void.width == shipped.void.width


def test_report_names_the_parameters_that_decide_a_prediction() -> None:
    """One parameter moves the temperature by more than its tolerance, one ends the regime B."""
    base = {s.name: s.value for s in STATEMENTS}
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
