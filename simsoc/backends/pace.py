"""How many calls a server takes at once, found out from what it says: down at a 429, up again as calls succeed.

The curve is TCP's CUBIC (RFC 9438), counted in rounds of calls where TCP counts seconds. After a fall the limit climbs
back fast to just below the level at which the server said no, lingers there, and then probes faster and faster: a
server whose limit is steady hears few noes, and one that has recovered is used in full again after some ten rounds.
"""

from __future__ import annotations

FALL = 0.7
"""What a 429 leaves of the limit (RFC 9438, 4.6)."""
_STEEPNESS = 0.4  # of the cubic, in calls per round cubed (RFC 9438, 5)


class Pace:
    """The limit on calls in flight: never below 1, never above `most`. Pure counting, no clock."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = most
        """Calls that may be in flight now."""
        self.lowest = most
        """The lowest that has been."""
        self.falls = 0
        """How often it has fallen. It dates a try: what was sent before a fall says nothing of the limit since."""
        self._level = self._refused_at = float(most)
        self._rounds = 0.0  # rounds of successes since the last fall
        self._back_after = 0.0  # rounds after which the cubic is back at the level that was refused

    def refused(self, sent: int) -> bool:
        """The server said 429 to a try sent after so many falls; whether the limit fell: once for a round of calls."""
        if sent != self.falls:
            return False
        self.falls += 1
        self._refused_at = float(self.limit)
        self._level = max(1.0, self._refused_at * FALL)
        self._rounds = 0.0
        self._back_after = ((self._refused_at - self._level) / _STEEPNESS) ** (1 / 3)
        self._settle()
        return True

    def succeeded(self, sent: int) -> bool:
        """A try sent after so many falls was answered; whether the limit rose."""
        if sent != self.falls or self._level >= self.most:
            return False
        self._rounds += 1.0 / self._level
        cubic = self._refused_at + _STEEPNESS * (self._rounds - self._back_after) ** 3
        self._level = min(float(self.most), max(self._level, cubic))
        before = self.limit
        self._settle()
        return self.limit > before

    def _settle(self) -> None:
        self.limit = int(self._level)
        self.lowest = min(self.lowest, self.limit)
