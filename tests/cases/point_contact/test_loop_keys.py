"""Every key of a point contact's TOML file changes what a run leaves behind, or is refused."""

from importlib.resources import files

import pytest
from key_trials import Trials, keys

from mitmodels.cases.point_contact import loop

pytestmark = pytest.mark.serial

SHIPPED = files("mitmodels.cases") / "qpc_loop.toml"
LOOP = ("output.figures=false", "sinusoid.periods=1", "sinusoid.points_per_period=20")
TRIED = {
    "contact.mass_ratio": "0.5",
    "contact.radius": "0.4 nm",
    "contact.temperature": "350 K",
    "heat.along": "1e-6 W/K",
    "heat.outward": "2e-5 W/K",
    "heat.surroundings": "310 K",
    "memory.gap_max": "0.9 nm",
    "memory.gap_min": "0.2 nm",
    "memory.rate_reset": "0.02 1/s",
    "memory.rate_set": "0.02 1/s",
    "memory.voltage_reset": "0.15 V",
    "memory.voltage_set": "0.15 V",
    "output.figures": "true",
    "sinusoid.amplitude": "0.9 V",
    "sinusoid.frequency": "2 Hz",
    "sinusoid.periods": "2",
    "sinusoid.points_per_period": "30",
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return Trials(tmp_path_factory.mktemp("loops"))


def test_every_key_is_tried():
    assert set(keys(loop.Config)) == {*TRIED, "case"}


@pytest.mark.parametrize("key", TRIED)
def test_key_of_a_loop(key, trials):
    trials.check(key, SHIPPED, LOOP, TRIED[key])
