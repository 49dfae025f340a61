"""The parts of ../run.py. Python's standard library only."""
