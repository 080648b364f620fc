"""Runs an input as a process of its own and says how it ended.

completed   exit status 0, and every row agrees with physics
refused     `check` refuses it in one sentence, and nothing is written
sentence    the run ends with another status and one sentence
traceback   Python's traceback, or nothing at all, reaches the terminal
stall       not done within the limit of CPU seconds
wrong       completed, but a row breaks V I >= 0, T >= T0, P = V I, the balance of energy or charge
"""

import math
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

import mitmodels

BAD = ("traceback", "stall", "wrong")
_ROUNDING = 1e-6
_BALANCE = 1e-2  # of the charge between rows, which are not every step


@dataclass(frozen=True)
class Verdict:
    """How a run ended, why, and what it took [s]."""

    kind: str
    why: str
    seconds: float


def judge(file, run, seconds=300):
    """Run a TOML file into a folder, with a limit of CPU seconds."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "mitmodels", "run", file, "--out", run],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5)),
    )
    try:
        said = process.communicate(timeout=10 * seconds)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        said = process.communicate()[0]
    kind, why = _ended(process.returncode, said, run)
    return Verdict(kind, why, time.monotonic() - begin)


def _ended(code, said, run):
    last = said.strip().rpartition("\n")[2]
    if code == 0:
        fault = _fault(mitmodels.load(run))
        return ("wrong" if fault else "completed"), fault
    if code in (-9, -24):
        return "stall", last
    if code < 0 or "Traceback" in said or not last:
        return "traceback", last
    return ("refused" if code == 2 and not run.exists() else "sentence"), last


def _fault(run):
    """Say which row of a complete run cannot be, nothing if all can."""
    iv, is_cell = run.iv, "heat" in run.config
    T0 = run.si("heat", "ambient") if is_cell else run.si("ambient", "temperature")
    if not len(iv) or not run.summary:
        return "it has no rows or no summary"
    V, I = iv["V_cell [V]" if is_cell else "V_device [V]"], iv["I [A]"]  # noqa: E741
    broken = {
        "is not finite": ~np.isfinite(V) | ~np.isfinite(I),
        "has V I < 0": -1e-9 * np.abs(V) * np.abs(I).clip(1e-30) > V * I,
        "is colder than its ambient": ~(iv["T_max [K]"] >= T0 * (1 - 1e-9)),
        **(_of_cell(run, iv) if is_cell else _of_film(run, iv, V * I, T0)),
    }
    for words, rows in broken.items():
        if np.any(rows):
            return f"row {int(np.argmax(rows))} {words}"
    return ""


def _of_film(run, iv, power, T0):
    """Balance of energy: what the contacts and the film take, and at most what the ground does.

    Heat leaves no better than if everything up to the ends of the pads were as hot as the hottest
    point: on a half-space through the disc around it, on a sheet through its area.
    """
    length, width, pad = (run.si("geometry", key) for key in ("length", "width", "pad_length"))
    contacts = run.si("contact", "resistance_width") / width * iv["I [A]"] ** 2
    in_film, substrate = iv["V_film [V]"] * iv["I [A]"], run.config["substrate"]
    if substrate["model"] == "half_space":
        radius = math.hypot(length / 2 + pad, width / 2)
        conductance = 4 * run.si("substrate", "conductivity") * radius
    else:
        conductance = run.si("substrate", "loss") * (length + 2 * pad) * width
    hottest = conductance * (iv["T_max [K]"] - T0)
    return {
        "has P that is not V I": np.abs(iv["P [W]"] - power) > _ROUNDING * power.abs() + 1e-18,
        "has heat that is not of film and contacts": (
            np.abs(power - in_film - contacts) > _ROUNDING * power.abs() + 1e-18
        ),
        "has more heat than the ground takes": in_film > 1.001 * hottest + 1e-9 * power.max(),
    }


def _of_cell(run, iv):
    """Balance of charge: the ionic current between two rows is what went from one to the other.

    What a neck cuts off dissolves at once, with an event.
    """
    t, current, charge = (iv[name].to_numpy() for name in ("t [s]", "I_ion [A]", "charge [C]"))
    moved, most = np.diff(charge), np.maximum(np.abs(current[1:]), np.abs(current[:-1]))
    wrong = np.abs(moved) > most * np.diff(t) * 2 + _BALANCE * np.abs(charge).max()
    cut = iv["t [s]"].isin(run.events.loc[run.events["event"] == "cut off", "t [s]"])
    return {"has more charge than its current": np.append(False, wrong) & ~cut}
