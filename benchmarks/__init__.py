"""Measurements of whole runs, as ratios within one run: machines are shared, so only ratios mean anything."""
