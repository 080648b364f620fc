"""The command line with a run that is asked to end after some points.

``python stopping.py POINTS ARGUMENTS``
"""

import os
import signal
import sys

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


if __name__ == "__main__":
    Table.append = stop_after(int(sys.argv.pop(1)))
    main()
