"""What became of reloads."""

import attrs


@attrs.define(eq=False)
class ReloadCounters:
    """Reloads since the start. `applied_at` and `refused_at`: when the last one was, None if none was yet."""

    applied: int = 0
    refused: int = 0
    applied_at: float | None = None
    refused_at: float | None = None

    def count(self, now: float, *, is_applied: bool) -> None:
        """Count a reload."""
        if is_applied:
            self.applied += 1
            self.applied_at = now
        else:
            self.refused += 1
            self.refused_at = now
