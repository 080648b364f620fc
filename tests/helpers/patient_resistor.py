"""A case for tests of sweeps: a resistor that takes its time and can fail.

``python patient_resistor.py ARGUMENTS`` is the command line with this case added.
"""

import os
import signal
import time
from typing import Literal

from mitmodels.cases import registry
from mitmodels.cases.cli import main
from mitmodels.cases.config.dimensions import Duration, Resistance, Voltage
from mitmodels.cases.config.section import CaseConfig, Output
from mitmodels.errors import InputError, RunError


class Config(CaseConfig):
    case: Literal["patient_resistor"]
    resistance: Resistance
    voltage: Voltage
    pause: Duration
    output: Output = Output(figures=False)


def prepare(config, comm):
    if config.voltage < 0:
        raise InputError(f"voltage = {config.voltage.given} is not for this resistor: turn it")
    return config


def check(config):
    return {"resistance": config.resistance.given}


def run(config, folder, progress):
    iv = folder.table("iv", {"V": "V", "I": "A"})
    for step in range(5):
        time.sleep(config.pause)
        iv.append({"V": config.voltage * step, "I": config.voltage * step / config.resistance})
    if config.resistance == 13:
        raise RunError("the resistor burnt")
    if config.resistance == 17:
        os.kill(os.getpid(), signal.SIGKILL)
    process = {"process": (os.getpid(), "")} if config.resistance > 17 else {}
    folder.write_summary({"I": (config.voltage / config.resistance, "A"), **process})


def plot(run):
    return []


CASE = registry.Case(Config, prepare, check, run)
registry.CASES["patient_resistor"] = "patient_resistor:CASE"
registry.PLOTS["patient_resistor:CASE"] = "patient_resistor:plot"

if __name__ == "__main__":
    main()
