"""``python -m cases``: the command line without an installation."""

from cases.cli import main

main()
