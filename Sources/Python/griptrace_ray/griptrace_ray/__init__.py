"""Converts many sessions with `griptrace` as tasks of a Ray cluster: a session each, then their data sets merged."""

__version__ = "0.1.0"
