"""Measurements: `make bench`. Figures stand side by side, taken in one run, as ratios.

They are no tests: a machine that is busy makes them slow, not wrong.
"""
