"""Log, progress and end of a run on the terminal."""
