"""The command line with a run that is asked to end after some points.

``python stopping.py POINTS ARGUMENTS``
"""

import os
import signal
import subprocess
import sys

from jobs import MPIRUN

from mitmodels.cases.cli import main
from mitmodels.solvers.runs.folder import Table


def sending(signals):
    """Send this rank ``signals[n]`` once ``iv.csv`` has got n points in this process."""
    count, append = 0, Table.append

    def counting(self, row):
        nonlocal count
        append(self, row)
        if self.path.name == "iv.csv":
            count += 1
            if count in signals and self.comm.rank == 0:
                os.kill(os.getpid(), signals[count])

    return counting


def stop_after(points):
    """Send SIGTERM to this rank once ``iv.csv`` has got so many points in this process."""
    return sending({points: signal.SIGTERM})


def resume_on(ranks, points, path):
    """Go on with a run on a number of ranks until they have added so many points."""
    command = [MPIRUN, "-n", ranks, sys.executable, __file__, points, "resume", path]
    assert subprocess.run([str(word) for word in command], check=False).returncode == 130


if __name__ == "__main__":
    Table.append = stop_after(int(sys.argv.pop(1)))
    main()
