"""Films from malformed tables and records of materials: runs that end well or with one sentence.

``make fuzz`` runs it. ``FUZZ`` is forty times their number, ``SEED`` that of the generator.
"""

import faulthandler
import math
import os
import random
import shutil
import sys
from pathlib import Path

import tomli_w
from damages import FILM, command_line, fault

import mitmodels

COUNT = int(os.environ.get("FUZZ", "10000")) // 40
SEED = int(os.environ.get("SEED", "1"))
_HANGS = 600.0  # seconds
_TABLE = {
    "law": "table",
    "thermal_conductivity": "2 W/(m K)",
    "barrier_temperature": "300 K",
}
_ODD = ("nan", "inf", "-inf", "0", "-1e-5", "1e300", "1e-300", "", "x", "1,2", "1e", "٣", "-", '"')


def table(draw):
    """Return a table of resistivities with mistakes."""
    step = draw.choice((1.0, 3.0, 20.0))
    rows = [
        [f"{T:.2f}", f"{2e-5 * (1 + 3 / (1 + math.exp((300 - T) / 12))):.6g}"]
        for T in (90.0 + step * i for i in range(draw.choice((0, 1, 2, 3, 30, 30, 200, 200))))
    ]
    for _ in range(draw.choice((0, 0, 1, 2, 5))):
        if rows:
            draw.choice(rows)[draw.randrange(2)] = draw.choice(_ODD)
    if draw.random() < 0.2:
        draw.shuffle(rows)
    if draw.random() < 0.2:
        rows += draw.sample(rows, min(5, len(rows)))
    units = draw.choice(
        (("T [K]", "resistivity [ohm m]"),) * 5 + (("T", "rho"), ("T [K]", "R [V]"))
    )
    separator = draw.choice((",",) * 4 + (";", "\t", " "))
    lines = [separator.join(row) for row in (units, *rows)]
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        odd = ("# a comment", "", "1,2,3", "\0", "\ufeff", "a" * 200_000, lines[0])
        lines.insert(draw.randrange(len(lines) + 1), draw.choice(odd))
    data = "\n".join(lines).encode(draw.choice(("utf-8",) * 6 + ("utf-16", "latin-1")), "replace")
    return data[: draw.randrange(len(data) + 1)] if draw.random() < 0.1 else data


def record(draw):
    """Return a record of a material whose film has a law with odd values."""
    keys = {
        "law": '"switching"',
        "cold": '"1e-5 ohm m"',
        "cold_quadratic": '"0 ohm m/K2"',
        "hot": '"8e-5 ohm m"',
        "temperature": '"320 K"',
        "width": '"8 K"',
        "thermal_conductivity": '"2 W/(m K)"',
        "barrier_temperature": '"300 K"',
    }
    odd = (
        '"1e300 ohm m"',
        '"1e-300 ohm m"',
        '"-1 K"',
        '"0 K"',
        "[]",
        "{}",
        "nan",
        "inf",
        "1",
        '"nan K"',
    )
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        keys[draw.choice(sorted(keys))] = draw.choice(odd)
    if draw.random() < 0.2:
        del keys[draw.choice(sorted(keys))]
    lines = ['title = "a film"', "[film]", *(f"{key} = {value}" for key, value in keys.items())]
    if draw.random() < 0.2:
        lines.insert(draw.randrange(len(lines)), draw.choice(("= 1", "[film]", "x", '"')))
    return "\n".join(lines).encode()


def test_runs_of_malformed_tables_and_records_end_well_or_with_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw, ends, failed = random.Random(SEED), [], []
    output = {"fields_at": {"V_source": []}, "figures": True}
    for number in range(COUNT):
        tabled = draw.random() < 0.7
        name, content = ("given.csv", table(draw)) if tabled else ("given.toml", record(draw))
        Path(name).write_bytes(content)
        film = (_TABLE | {"file": name}) if tabled else {"material": name}
        Path("film.toml").write_text(tomli_w.dumps(FILM | {"film": film, "output": output}))
        faulthandler.dump_traceback_later(_HANGS, exit=True, file=sys.__stderr__)
        code, err = command_line("run", "film.toml", "--out", "run")
        faulthandler.cancel_dump_traceback_later()
        wrong = fault(code, err, "")
        if code == 0 and not mitmodels.load("run").iv["T_max [K]"].gt(0).all():
            wrong = "a temperature that is none"
        if code == 2 and Path("run").exists():
            wrong = "a folder of bad input"
        if wrong:
            kept = Path(f"failed{number}{Path(name).suffix}")
            kept.write_bytes(content)
            failed.append(f"{wrong}: {kept.absolute()}: {err[-1500:]}")
        ends.append(code)
        shutil.rmtree("run", ignore_errors=True)
    sys.stdout.write("\n".join(["", *failed, ""]))
    counts = {code: ends.count(code) for code in sorted(set(ends))}
    sys.stdout.write(f"{COUNT} tables and records of seed {SEED}: exit codes {counts}\n")
    assert not failed
