"""``python -m mitmodels``: the command line."""

from mitmodels.cases.cli import main

main()
