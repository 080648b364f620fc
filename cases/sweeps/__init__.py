"""Sweeps: points, folders, processes, job arrays, tables, sensitivities."""
