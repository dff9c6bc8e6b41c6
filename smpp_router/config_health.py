# How carriers are measured. The formulas are in docs/health.md; here is what an operator may tune.
"""Configuration values of health scores."""

import attrs

from smpp_router.config_checks import above, anything, at_least, between, each


def _codes(_: object, attribute: "attrs.Attribute[tuple[int, ...]]", codes: tuple[int, ...]) -> None:
    for code in codes:
        between(0, 0xFFFF)(None, attribute, code)


@attrs.frozen(kw_only=True)
class HealthConfig:
    """The measuring of carriers."""

    window_s: float = attrs.field(default=15.0, validator=above(0))
    """Time constant of what is remembered of a carrier with plenty of traffic."""
    messages_min: int = attrs.field(default=20, validator=at_least(5))
    """So many messages are remembered however long ago they were: what judges a quiet link."""
    open_below: int = attrs.field(default=50, validator=between(1, 99))
    """The score below which a carrier loses its traffic."""
    open_s: float = attrs.field(default=10.0, validator=above(0))
    """How long it rests before it is probed; doubled each time that it fails again ..."""
    open_max_s: float = attrs.field(default=120.0, validator=above(0))
    """... up to this."""
    slow_start_s: float = attrs.field(default=30.0, validator=above(0))
    """In which its traffic grows again from a tenth to all."""
    probes_per_s: float = attrs.field(default=2.0, validator=above(0))
    """Messages a second that probe a carrier which has rested."""
    risky_classes: tuple[str, ...] = attrs.field(default=(), validator=each(anything))
    """Traffic classes that do not probe as long as others may; empty: those of the highest priority."""
    late_s: float = attrs.field(default=3.0, validator=above(0))
    """A request outstanding for so long, and for five times the usual latency, counts against its carrier."""
    receipt_first_s: float = attrs.field(default=40.0, validator=above(0))
    """When a receipt is missed on a carrier whose delays are not known yet."""
    filter_error_codes: tuple[int, ...] = attrs.field(default=(), validator=_codes)
    """Receipt error codes that mean a content filter, beside the state REJECTED."""
    complaint_words: tuple[str, ...] = attrs.field(
        default=("投诉", "举报", "complain", "spam"), validator=each(anything)
    )
    """A subscriber's message to one of our numbers that contains one of these is a complaint."""
    cells_max: int = attrs.field(default=2_000, validator=between(1, 100_000))
    """Cells (carrier, region, class) measured by themselves; what is above counts for its carrier."""
