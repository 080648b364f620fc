"""Run folders: files, checkpoints, provenance, reading, work of one rank for all."""
