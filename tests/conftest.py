"""Shared by all tests: properties are checked on the same examples every time, and slow machines are no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("simsoc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("simsoc")
