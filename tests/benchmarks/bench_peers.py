"""The same coupled problem by several programs, interleaved; no time is asserted, answers are."""

import gc
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from model_problem import square
from peers import PROGRAMS, Answer, memory

import mitmodels.meshes.runtime  # noqa: F401

RUNS = 3
SIZES = {"10,082 unknowns": 70, "100,352 unknowns": 223}
COLUMNS = (
    "program",
    "per step, of ours",
    "step [ms]",
    "assembly [ms]",
    "solve and rest [ms]",
    "steps",
    "solution [s]",
    "set-up [s]",
    "memory [MiB]",
)
NOTE = (
    f"Unit square that heats itself, one core, medians of {RUNS} interleaved runs. All answers "
    "agree to 8 digits (asserted). Ratios are to this package with MUMPS. Memory is what the peak "
    "of a fresh process grows by beyond the mesh, with imports and compiled forms."
)


def alone(name: str, cells: int) -> float:
    """`memory` in a process of its own."""
    # The libraries of the wheel are found before anything asks for them.
    context, first = get_context("spawn"), ("mitmodels.meshes.runtime",)
    with ProcessPoolExecutor(1, context, import_module, first) as pool:
        return pool.submit(memory, name, cells).result()


def interleaved(cells: int) -> dict[str, list[Answer]]:
    """Answers of all programs, the first of each left out: it compiles."""
    device = square(cells)
    answers: dict[str, list[Answer]] = {name: [] for name in PROGRAMS}
    for _ in range(RUNS + 1):
        for name, program in PROGRAMS.items():
            answers[name].append(program(device))
            gc.collect()
    return {name: found[1:] for name, found in answers.items()}


def median(found: list[Answer], quantity: str) -> float:
    """Median of a quantity."""
    return float(np.median([getattr(answer, quantity) for answer in found]))


def per_step(found: list[Answer]) -> float:
    """Median of the milliseconds per Newton step."""
    return 1e3 * median(found, "seconds") / found[0].steps


def test_peers(tabulate, picture) -> None:
    ratios = {}
    for size, cells in SIZES.items():
        answers = interleaved(cells)
        ours = answers["this package, MUMPS"]
        ratios[size] = {name: per_step(found) / per_step(ours) for name, found in answers.items()}
        rows = []
        for name, found in answers.items():
            step, assembly = per_step(found), 1e3 * median(found, "assembly") / found[0].steps
            rows.append(
                (
                    name,
                    f"{ratios[size][name]:.2f}",
                    f"{step:.0f}",
                    f"{assembly:.0f}",
                    f"{step - assembly:.0f}",
                    str(found[0].steps),
                    f"{median(found, 'seconds'):.2f}",
                    f"{median(found, 'before'):.2f}",
                    # A program of its own has its own memory, which is not looked at.
                    "" if name.startswith("FreeFEM") else f"{alone(name, cells):.0f}",
                )
            )
        tabulate(f"One solution, {size}", NOTE, COLUMNS, rows)
        for found in answers.values():
            assert found[0].T_max == pytest.approx(ours[0].T_max, rel=1e-8)
            assert found[0].current == pytest.approx(ours[0].current, rel=1e-8)
    figure = draw(ratios)
    picture(figure, "peers.png", "Time per Newton step of programs that solve one problem")
    plt.close(figure)


def draw(ratios: dict[str, dict[str, float]]) -> Figure:
    """Bars of the time per Newton step, in units of this package with MUMPS."""
    figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
    height, places = 0.38, np.arange(len(PROGRAMS))
    for i, (size, found) in enumerate(ratios.items()):
        bars = axes.barh(places + (i - 0.5) * height, list(found.values()), height, label=size)
        label = axes.bar_label(bars, fmt="%.2f", padding=3)
        for text in label:  # on the line of ours
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    axes.set_yticks(places, list(PROGRAMS))
    axes.invert_yaxis()
    axes.axvline(1.0, color="black", linewidth=0.8, zorder=0)
    axes.set_xlabel("time per Newton step, this package with MUMPS = 1")
    axes.margins(x=0.12)
    axes.legend()
    return figure
