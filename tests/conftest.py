"""Shared by all tests: properties are checked on the same examples every time, and slow machines are no failure."""

from functools import cache

import typer.testing
from hypothesis import HealthCheck, settings

settings.register_profile("simsoc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("simsoc")

typer.testing._get_command = cache(typer.testing._get_command)  # 40 ms of CPU, for the same commands every time
