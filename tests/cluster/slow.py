"""The command line with a pause after every point, so that a run on a coarse mesh lasts."""

import time

from mitmodels.cases.cli import main
from mitmodels.solvers.runs.folder import Table

PAUSE = 1.0  # seconds


def append(self, row, append=Table.append):
    append(self, row)
    time.sleep(PAUSE)


if __name__ == "__main__":
    Table.append = append
    main()
