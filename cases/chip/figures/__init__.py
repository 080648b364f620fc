"""Figures of several devices on one substrate."""
