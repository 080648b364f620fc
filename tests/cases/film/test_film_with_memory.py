"""Film with a memory: what is refused in one sentence, and the table of its R(T)."""

from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.cases.registry import examine
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

FILE = Path(__file__).parents[2] / "helpers" / "remembers.toml"
STEADY = ("case=film_iv", 'protocol=[{ step = "ramp", to = "1 mA" }]', "heat_capacity=")
PADS = (
    "geometry.pad_length=5 um",
    "pads.sheet_conductance=2e-5 W/K",
    "heat_capacity.pads=0.25 J/(m2 K)",
)
TABLE = (
    'film={ law = "table", temperatures = ["310 K", "400 K"], resistivities = ["2e-3 ohm m", '
    '"6e-6 ohm m"], thermal_conductivity = "5 W/(m K)", barrier_temperature = "340 K" }'
)
REFUSED = {
    "a branch": ((*STEADY, "ambient.history="), r"film.law = 'hysteresis' makes states depend on"),
    "a history of a branch": (STEADY, "ambient.history"),
    "thresholds": (("film.temperature_down=350 K",), "temperature_down = 350 K is above temperat"),
    "a width": (("film.width=-1 K",), "film.width = "),
    "a contact": (
        ('contact={ resistivity = "1e-9 ohm m2" }', *PADS),
        "ambient.history: R[(]T[)] is",
    ),
    "a cold past": (('ambient.history=["0.3 K"]',), "ambient.history goes to 0.3 K, where the fi"),
    "a cold ambient": (("ambient.temperature=0.3 K",), "0.3 K: the film's law has no finite resi"),
    "a table": ((TABLE,), "ambient.history goes to 300 K, outside of the film's table, from 310 K"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused(name):
    overrides, sentence = REFUSED[name]
    with pytest.raises(InputError, match=sentence) as refused:
        examine(read(FILE, overrides), MPI.COMM_WORLD)
    assert "\n" not in str(refused.value)


def test_table_of_the_history(tmp_path):
    """It begins cold, ends where the protocol begins, and has the turns between."""
    short = 'protocol=[{ step = "ramp", to = "1 uA", duration = "1 us" }]'
    run = api.run(FILE, tmp_path / "run", overrides=("mesh.cells_across=4", short))
    table = run.table("resistance")
    T, R = table["T [K]"], table["R [ohm]"]
    assert T[[0, 200, 400, 600, 800, 1000]].tolist() == [300, 370, 338, 350, 330, 338]
    assert R.iloc[-1] == pytest.approx(run.iv["R [ohm]"].iloc[0], rel=1e-12)
    assert np.log(R[0] / R[200]) == pytest.approx(
        np.log(2e-3 / 6e-6) + 0.3 / 8.617e-5 * (1 / 300 - 1 / 344), abs=0.01
    )
