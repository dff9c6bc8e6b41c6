"""Faults as plain values."""

from typing import Any

import pytest

from simulators.changes import changed
from simulators.faults.config import STATUSES, Faults
from simulators.faults.malformed import KINDS
from smpp_router.wire import constants as c
from tests.simulators.customers import profile


def test_a_carrier_has_no_faults_unless_told() -> None:
    faults = profile().faults
    assert faults == Faults()
    assert not any(
        (faults.silent, faults.half_open, faults.refuse_binds, faults.malformed, faults.reset_share)
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"refuse_binds": "ESME_RNOSUCH"}, "refuse_binds: must be the name of an error"),
        ({"refuse_binds": "ESME_ROK"}, "refuse_binds: must be the name of an error"),
        ({"malformed": {"no_null": 0.1}}, "malformed: no_null is none of bad_command_length"),
        ({"malformed": {"no_nul": 1.5}}, "malformed: no_nul must be between 0 and 1, got 1.5"),
        ({"reset_share": 2.0}, "reset_share"),
        ({"lasts_s": 0.0}, "lasts_s"),
        ({"write_chunk_bytes": 0}, "write_chunk_bytes"),
    ],
)
def test_a_wrong_value_names_its_key(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Faults(**values)


def test_each_kind_and_each_status_may_be_named() -> None:
    assert set(Faults(malformed=dict.fromkeys(KINDS, 0.5)).malformed) == set(KINDS)
    assert STATUSES["ESME_RBINDFAIL"] == c.ESME_RBINDFAIL
    assert Faults(refuse_binds="ESME_RBINDFAIL").refuse_binds == "ESME_RBINDFAIL"


def test_faults_change_key_by_key_while_a_carrier_runs() -> None:
    silent = changed(profile(), {"faults.silent": True})
    both = changed(silent, {"faults.malformed.garbage": 0.25})
    assert both.faults == Faults(silent=True, malformed={"garbage": 0.25})
    with pytest.raises(ValueError, match=r"faults\.silnt: unknown key"):
        changed(profile(), {"faults.silnt": True})
