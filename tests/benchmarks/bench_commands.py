"""How long a user waits before anything is computed."""

import subprocess
import sys
import time
from pathlib import Path

_CASE = Path(__file__).parents[2] / "cases" / "lsmo_iv.toml"
_MITMODELS = str(Path(sys.executable).with_name("mitmodels"))
_COMMANDS = {
    "import mitmodels": [sys.executable, "-c", "import mitmodels"],
    "mitmodels --help": [_MITMODELS, "--help"],
    "mitmodels check of a wrong key": [_MITMODELS, "check", str(_CASE), "--set", "film.colour=1"],
    "mitmodels check cases/lsmo_iv.toml": [_MITMODELS, "check", str(_CASE)],
}


def _seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    end = time.perf_counter()
    assert done.returncode == (2 if "--set" in command else 0)
    return end - begin


def test_commands(tabulate, timed) -> None:
    rows = []
    for name, command in _COMMANDS.items():
        seconds = min(_seconds(command) for _ in range(5))
        timed(name, seconds)
        rows.append((name, f"{seconds:.2f}"))
    tabulate("Commands", "Best of five, file caches warm.", ("command", "seconds"), rows)
