"""Figures of metallization cells."""
