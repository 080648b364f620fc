"""Memory of a VO2 film: its law is that of the source, a device remembers its largest current."""

from importlib.resources import files

import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.config.materials import from_record
from mitmodels.cases.film.laws.phases import HysteresisLaw

pytestmark = pytest.mark.serial
CASE = files("mitmodels.cases") / "vo2_hysteresis.toml"
COARSE = ("mesh.size=5 um", "mesh.edge_size=1.25 um", "mesh.cells_across=4")
# Model of the source, code of the authors: R = R0 exp(Ea/T) g + Rm, g a tanh around Tc +- w/2.
R0, EA, RM, TC, W, BETA = (
    5.35882879e-3,
    5.22047417e3,
    262.5,
    3.32805839e2,
    7.19357064,
    2.52796285e-1,
)


def test_record_is_the_model_of_its_source(record):
    """Both branches of the major loop, up to one factor: the shape of that device is not known."""
    law = from_record(HysteresisLaw, "film", "vo2_memory").resistivity()
    T = np.linspace(305, 370, 131)
    half = (law.up - law.down) / 2
    errors = []
    for sign in (1, -1):
        g = (1 + np.tanh(BETA * (sign * W / 2 + TC - T))) / 2
        errors.append(np.log(law(T, T - sign * half) / law.hot / (R0 * np.exp(EA / T) * g + RM)))
    rms = float(np.std(errors))
    record("record of VO2 with a memory: ln R(T) against its source, rms", 0.03, rms)
    assert rms < 0.03


def test_largest_current_is_remembered(tmp_path, record):
    """A current leaves less resistance behind, and one that comes back to it goes on from there."""
    given = (*COARSE, "output.figures=false", *(f'protocol.{i}.read_at=["1 mA"]' for i in (0, 2)))
    run = api.run(CASE, tmp_path / "run", overrides=given)
    reads = run.table("reads")
    first, _, again, *_ = reads["V [V]"]
    R = [run.iv["R [ohm]"].iloc[0], *reads["R [ohm]"][reads["I [A]"].abs() < 1e-9]]
    record("VO2 at 338 K, 0, 1, 3, 9 mA later: R [ohm]", "falls", ", ".join(f"{r:.4g}" for r in R))
    record("VO2 at 338 K, back at 1 mA: voltage over that before - 1", 1e-3, again / first - 1)
    assert len(R) == 4
    assert np.all(np.diff(R) < -0.3 * np.array(R[:-1]))
    assert again == pytest.approx(first, rel=1e-3)
