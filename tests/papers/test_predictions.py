"""Bands of devices that are not fitted, beside what was measured on them."""

import pandas as pd
import pytest

pytestmark = [pytest.mark.serial, pytest.mark.slow]


@pytest.mark.parametrize(
    ("run", "device", "quantity"),
    [
        ("lsmo_fit_50x100", "10x10-100K", "V_up"),
        ("lsmo_fit_50x100", "10x10-150K", "V_up"),
        ("lsmo_fit_10x10", "10x10-150K", "V_up"),
        ("lsmo_fit_10x10", "50x100-100K", "V_up"),
        ("lsmo_fit_10x10", "50x100-100K", "V_full"),
    ],
)
def test_measured_voltage_is_in_the_band(run, device, quantity, made, record):
    """The band is that of the model's own value: a measurement has its error on top."""
    bands = pd.read_csv(made(run) / "bands.csv").set_index(["device", "quantity"])
    band = bands.loc[device, quantity]
    end = band["high"] if band["measured"] > band["median"] else band["low"]
    off = (band["measured"] - band["median"]) / (end - band["median"])
    record(f"{quantity} of {device} by {run}: off the median, of the 90 % band", 1.0, off)
    assert off < 1
    assert band["fraction"] == 1
