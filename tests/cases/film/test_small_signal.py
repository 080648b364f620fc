"""Small signals of a steady film, as a user asks for them."""

import itertools

from mpi4py import MPI

import numpy as np
import pytest
from films import SHEET, SHIPPED

from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.steady_config import Config, prepare
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial
STORES = "heat_capacity.film=3e6 J/(m3 K)"
ALL = (STORES, "heat_capacity.substrate=3e6 J/(m3 K)", "heat_capacity.pads=0.25 J/(m2 K)")
NONE = "heat_capacity="
CAPACITANCE = "output.critical.elements=['capacitance']"
INDUCTANCE = "output.critical.elements=['inductance']"
CURRENT = "protocol=[{ step = 'ramp', to = '5 mA' }]"
REFUSED = {
    (NONE, INDUCTANCE): "heat_capacity is missing: small signals are followed by heat: give it",
    (NONE, "output.impedance_at.states.V_source=['5 V']"): "heat_capacity is missing",
    (*ALL, CAPACITANCE): "output.critical.elements: a capacitance across an ideal source changes",
    (*ALL, INDUCTANCE, CURRENT, "output.fields_at={}"): "output.critical.elements: an inductance",
    (NONE, STORES, INDUCTANCE): "heat_capacity.pads is missing: give the pads one",
    (
        NONE,
        *ALL[:1],
        *ALL[2:],
        INDUCTANCE,
    ): "heat_capacity.substrate is missing: give the half-space one",
    (*ALL, INDUCTANCE, "substrate.thickness=1 mm"): (
        "substrate.thickness is for steady states only: remove it, or heat_capacity"
    ),
    (*ALL, "output.impedance_at.states.V_source=['60 V']"): (
        "output.impedance_at.states.V_source = 60 V is never reached: the protocol goes"
    ),
    (*ALL, "output.impedance_at.states.t=['1 s']"): "output.impedance_at.states: a steady film",
    (*ALL, INDUCTANCE, "output.critical.lowest=2 GHz"): (
        "output.critical: lowest = 2e+09 Hz is not below highest = 1e+09 Hz: exchange them"
    ),
    (*ALL, INDUCTANCE, "circuit.inductance=-1 mH"): "--set: circuit.inductance",
    (*ALL, "circuit.series_capacitance=1 nF"): "circuit.series_capacitance lets no steady current",
    (*ALL, "output.critical.elements=['resistance']"): "--set: output.critical.elements",
    (
        *ALL,
        INDUCTANCE,
        "mesh.cells_across=100",
        "mesh.size=0.4 um",
    ): "heat_capacity: the small signals",
}


@pytest.mark.parametrize("overrides", REFUSED)
def test_what_does_not_go_together_is_refused_in_one_sentence(overrides):
    with pytest.raises(InputError) as refusal:
        prepare(load_config(SHIPPED, overrides, Config), MPI.COMM_WORLD)
    assert REFUSED[overrides] in str(refusal.value)


def test_a_mesh_too_large_for_one_rank_is_refused(monkeypatch):
    monkeypatch.setattr(steady_config, "_MOST_NODES", 10)
    asked = (STORES, "mesh.size=10 um", "output.impedance_at.states.I=['5 mA']")
    with pytest.raises(InputError, match="nodes are too many for small signals"):
        prepare(load_config(SHEET, asked, Config), MPI.COMM_WORLD)


def test_hopf_points_lie_on_the_curve_of_the_critical_inductance(tmp_path):
    """An even film: tables, figures, and an event where the curve passes the circuit's value."""
    overrides = (
        "mesh.size=50 um",
        "mesh.degree=1",
        "contact.thermal=free",
        "protocol.0.to=20 V",
        "numerics.largest=0.2",
        "output.check_stability=false",
        "circuit.inductance=0.2 mH",
        STORES,
        INDUCTANCE,
        "output.impedance_at.states.V_source=['5 V', '19 V']",
        "output.impedance_at.states.I=['50 mA']",
        "output.impedance_at.per_decade=2",
    )
    run = api.run(SHEET, tmp_path / "even", overrides=overrides)
    hopf = run.table("hopf").dropna(subset=["L_critical [H]"])
    (V,) = run.events.query("event == 'Hopf point'")["V_source [V]"]
    values = np.interp(V, hopf["V_source [V]"], np.log(hopf["L_critical [H]"]))
    assert np.exp(values) == pytest.approx(0.2e-3, rel=0.05)
    impedance = run.table("impedance")
    assert impedance.groupby("state")["V_source [V]"].first().tolist() == pytest.approx([5, 19])
    assert impedance["f [Hz]"].nunique() == 19
    assert (impedance.query("state == 2")["Z_real [ohm]"].iloc[[0, -1]] < 0).tolist() == [
        True,
        False,
    ]
    said = run.events.query("event == 'warning'")["detail"]
    assert said.str.startswith("impedance_at I = 0.05 A is never reached").any()
    names = {file.stem for file in (run.path / "figures").iterdir()}
    assert {"nyquist", "bode", "hopf"} <= names
    assert all(a <= b for a, b in itertools.pairwise(hopf["f_L [Hz]"]))
