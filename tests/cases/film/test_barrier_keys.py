"""Every key of an analytic barrier's TOML file changes what a run leaves behind."""

from importlib.resources import files

import pytest
from key_trials import Trials, keys

from mitmodels.cases.film import analytic_barrier

pytestmark = pytest.mark.serial

SHIPPED = files("mitmodels.cases") / "lsmo_barrier.toml"
TRIED = {
    "ambient.temperature": "110 K",
    "channel.length": "90 um",
    "channel.resistivity_metal": "3e-6 ohm m",
    "channel.resistivity_ratio": "30",
    "channel.thickness": "25 nm",
    "channel.transition": "330 K",
    "loss.film": "4e8 W/(m2 K)",
    "loss.substrate": "4e6 W/(m2 K)",
    "output.figures": "true",
    "voltage.points": "30",
    "voltage.to": "50 V",
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return Trials(tmp_path_factory.mktemp("barriers"))


def test_every_key_is_tried():
    assert set(keys(analytic_barrier.Config)) == {*TRIED, "case"}


@pytest.mark.parametrize("key", TRIED)
def test_key_of_a_barrier(key, trials):
    trials.check(key, SHIPPED, ("output.figures=false", "voltage.points=24"), TRIED[key])
