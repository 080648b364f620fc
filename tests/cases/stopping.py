"""The command line with a run that is asked to end after some points.

``python stopping.py POINTS ARGUMENTS``
"""

import os
import signal
import sys

from cases.cli import main
from solvers.run_folder import Table


def stop_after(points):
    """Send SIGTERM to this rank once ``iv.csv`` has got so many points in this process."""
    count, append = 0, Table.append

    def counting(self, row):
        nonlocal count
        append(self, row)
        if self.path.name == "iv.csv":
            count += 1
            if count == points and self.comm.rank == 0:
                os.kill(os.getpid(), signal.SIGTERM)

    return counting


if __name__ == "__main__":
    Table.append = stop_after(int(sys.argv.pop(1)))
    main()
