"""Several films in time: each as if alone, like ones alike, and heat that arrives when it does."""

import numpy as np
import pytest
from chips import at
from scipy.special import erfc
from stopping import stop_after

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.solvers.runs.folder import Table

pytestmark = pytest.mark.serial

QUIET = {"figures": False, "fields_at": {}}
FEW = {"size": "2.5 um", "edge_size": "1.7 um", "cells_across": 3}


def drive(voltage, hold):
    return [
        {"step": "ramp", "to": voltage, "duration": "1 us"},
        {"step": "hold", "duration": hold},
    ]


def chip(devices, **sections):
    base = {"base": "vo2_array", "output": QUIET, "mesh": FEW, "circuit": {"load": "1 kohm"}}
    named = [{"name": f"device-{number}", **device} for number, device in enumerate(devices)]
    return {**base, "device": named, **sections}


def test_one_device_is_a_film_alone(tmp_path):
    content = chip([at(30, -20)], protocol=drive("11 V", "1 us"))
    one = api.run(content, tmp_path / "chip").table("devices/device-0/iv")
    shared = read(content).data
    del shared["device"], shared["coupling"]
    single = api.run({**shared, "case": "film_transient"}, tmp_path / "film").iv
    np.testing.assert_allclose(one, single, rtol=1e-9)


def test_two_like_devices_stay_alike(tmp_path):
    devices = [at(-20, 0), at(20, 0)]
    run = api.run(chip(devices, protocol=drive("11 V", "2 us")), tmp_path / "run")
    left, right = (run.table(f"devices/device-{number}/iv") for number in (0, 1))
    assert left["T_max [K]"].max() > 329
    np.testing.assert_allclose(left, right, rtol=1e-8)


def test_resumed_while_the_films_heat_each_other(tmp_path, monkeypatch, record):
    config = chip([at(-20, 0), at(20, 0)], protocol=drive("11 V", "2 us"))
    whole = api.run(config, tmp_path / "whole")
    rows = int(np.argmax(whole.iv["T_max [K]"] > 329))
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", stop_after(2 * rows))  # also those of the devices
        with pytest.raises(KeyboardInterrupt):
            api.run(config, tmp_path / "run")
    assert 0.5 * rows < len(api.load(tmp_path / "run").iv) < len(whole.iv)
    run = api.resume(tmp_path / "run")
    assert list(run.iv["device"]) == list(whole.iv["device"])
    found, expected = (r.iv.drop(columns="device") for r in (run, whole))
    error = float(((found - expected).abs().max() / expected.abs().max()).max())
    record("two films on one substrate, resumed: against an uninterrupted run", 1e-9, error)
    assert error < 1e-9
    assert list(run.events["event"]) == list(whole.events["event"])
    assert run.table("devices/device-0/iv").shape == whole.table("devices/device-0/iv").shape


def test_heat_arrives_at_a_film_without_a_source_when_it_does(tmp_path):
    """Against the error function of the heater's power, ten lengths of the film away."""
    reading = drive("1 mV", "200 us")
    devices = [at(0, 0), at(100, 0, protocol=reading)]
    run = api.run(chip(devices, protocol=drive("7 V", "200 us")), tmp_path / "run")
    heater, other = (run.table(f"devices/device-{number}/iv") for number in (0, 1))
    t, power = heater["t [s]"].to_numpy(), heater["P [W]"].to_numpy()
    middle, change = (t[1:] + t[:-1]) / 2, np.diff(power)
    diffusivity, far = 35.0 / 3.1e6, 2 * np.pi * 35.0 * 100e-6
    # A film of some extent is felt a little earlier than a point.
    for number, tolerance in ((int(np.searchsorted(other["t [s]"], 1e-4)), 0.05), (-1, 0.02)):
        now = other["t [s]"].iloc[number]
        since = now - middle[middle < now]
        arrived = erfc(100e-6 / np.sqrt(4 * diffusivity * since)) @ change[middle < now] / far
        assert other["T_center [K]"].iloc[number] - 325 == pytest.approx(arrived, rel=tolerance)
    assert arrived > 0.01
