"""Salev et al. (2021), last paragraph: the mirror case, whose filament lies along the current.

The hot phase conducts better: under a current the film is gradual and S-type, under a voltage it
jumps and has a hysteresis.
"""

from importlib.resources import files

import numpy as np
import pytest
import pyvista as pv

from mitmodels.cases import api

pytestmark = pytest.mark.serial
CASES = files("mitmodels.cases")
COARSE = (
    "mesh.size=5 um",
    "mesh.edge_size=1 um",
    "mesh.cells_across=20",
    "inhomogeneity.correlation_length=5 um",
    "numerics.error=1 K",
    "numerics.relative_error=1e-2",
    "output.figures=false",
)
PLATEAU, WIDTH = 2.3557, 2.58e-3  # [V], [m/A]


def run(name, folder, *overrides):
    return api.run(CASES / name, folder / "run", overrides=overrides)


def test_gradual_and_s_type_under_current(tmp_path, record):
    found = run(
        "vo2_filament.toml",
        tmp_path,
        *COARSE,
        'protocol=[{ step = "ramp", to = "1 mA", duration = "0.5 ms" }]',
        'output.fields_at.t=["0.5 ms"]',
    )
    V, current = found.iv["V_device [V]"], found.iv["I [A]"]
    peak = int(V.argmax())
    record(
        "VO2 under current: V falls from, to [V]", "> 15, < 4", f"{V[peak]:.3g}, {V.iloc[-1]:.3g}"
    )
    assert V[peak] > 15
    assert current[peak] < 0.4e-3
    assert V.iloc[-1] < 4
    mesh = pv.read(found.path / "fields" / "t=500us.vtu")
    hot = mesh.points[mesh["temperature [K]"] > 340]
    length, width = np.ptp(hot[:, :2], axis=0)
    record(
        "VO2: hot part along, across the current [um]",
        "20, < 8",
        f"{length * 1e6:.3g}, {width * 1e6:.3g}",
    )
    assert length == pytest.approx(20e-6)
    assert width < 8e-6


def test_abrupt_and_hysteretic_under_voltage(tmp_path, record):
    found = run("vo2_voltage.toml", tmp_path, *COARSE)
    events = found.events.set_index("event")["V_source [V]"]
    up, down = events["compliance"], events["compliance released"]
    record("VO2 under voltage: jump up, release [V]", "> 15, < 3.5", f"{up:.3g}, {down:.3g}")
    assert up > 15
    assert down < 3.5


@pytest.mark.slow
def test_plateau_and_width_of_the_filament(tmp_path, record):
    """Equal areas give the voltage; the width grows in proportion to the current."""
    found = run("vo2_filament.toml", tmp_path, "output.figures=false")
    iv = found.iv
    wide = iv[iv["I [A]"] > 1.5e-3]
    V = wide["V_device [V]"]
    slope = np.polyfit(wide["I [A]"], wide["hot_across [m]"], 1)[0]
    record("VO2 filament, 1.5 to 4 mA: V [V] = 2.3557", "1%", f"{V.min():.5g} .. {V.max():.5g}")
    record("VO2 filament: width per current [um/mA] = 2.58", "5%", slope * 1e3)
    np.testing.assert_allclose(V, PLATEAU, rtol=0.01)
    assert slope == pytest.approx(WIDTH, rel=0.05)
