"""Every key of a network's TOML file changes what a run leaves behind, or is refused."""

from importlib.resources import files

import pytest
from key_trials import Trials, keys

from mitmodels.cases import api
from mitmodels.cases.network import network
from mitmodels.errors import RunError

pytestmark = pytest.mark.serial

SHIPPED = files("mitmodels.cases") / "lsmo_network.toml"
# A few voltages of a short network, which switches.
NETWORK = (
    "output.figures=false",
    "heat.capacity=8",
    "network.columns=12",
    "network.rows=2",
    'ambient.temperatures=["100 K", "250 K"]',
    "voltages={ fine = 500, fine_to = 2000, coarse = 1000, to = 5000 }",
)
TRIED = {
    "ambient.shown": "250 K",
    "ambient.temperatures": '["100 K", "300 K"]',
    "arm.ratio": "4",
    "arm.scale": "20",
    "arm.slope": "0.02 1/K",
    "arm.slope_ends": "350 K",
    "arm.steepness": "2e-4 1/K2",
    "arm.transition": "330 K",
    "heat.capacity": "4",
    "heat.conductance": "0.5",
    "network.calculated_rows": "2",
    "network.columns": "14",
    "network.method": "newton",
    "network.rows": "3",
    "output.figures": "true",
    "voltages.coarse": "1500",
    "voltages.fine": "400",
    "voltages.fine_to": "3000",
    "voltages.to": "6000",
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return Trials(tmp_path_factory.mktemp("networks"))


def test_every_key_is_tried():
    assert set(keys(network.Config)) == {*TRIED, "case"}


@pytest.mark.parametrize("key", TRIED)
def test_key_of_a_network(key, trials):
    trials.check(key, SHIPPED, NETWORK, TRIED[key])


def test_iteration_that_does_not_settle_names_the_remedy(tmp_path):
    overrides = (*NETWORK, "heat.capacity=0.1")
    with pytest.raises(RunError, match=r"100 K: no steady state at a voltage of .*heat\.capacity"):
        api.run(SHIPPED, tmp_path / "run", overrides=overrides)
    assert (tmp_path / "run" / "iv.csv").exists()
