from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.policy import SYMBOLS, Policy
from smpp_router.compliance.symbols import ACTIONS, Symbol
from smpp_router.compliance.verdict import ACCEPTED, decide
from smpp_router.wire import constants as c

POLICY = Policy()


@given(st.lists(st.sampled_from(SYMBOLS)))
def test_the_severest_finding_decides_and_more_findings_never_make_it_milder(found: list[str]) -> None:
    symbols = [Symbol(name, 0.0, name) for name in found]
    verdict = decide(symbols, POLICY)
    assert ACTIONS.index(verdict.action) == max((ACTIONS.index(POLICY.action(s)) for s in symbols), default=0)
    assert verdict.symbols == tuple(symbols)
    for count in range(len(symbols)):
        assert ACTIONS.index(decide(symbols[:count], POLICY).action) <= ACTIONS.index(verdict.action)


def test_only_a_refusal_has_an_error_and_a_reason() -> None:
    refused = decide([Symbol("LINK_PORT", 0.0, "no ports")], POLICY)
    assert (refused.command_status, refused.reason) == (0x415, "no ports")
    tagged = decide([Symbol("MIX_CHANGED", 0.0, "changed")], POLICY)
    assert (tagged.command_status, tagged.reason) == (c.ESME_ROK, "")
    throttled = decide([Symbol("LINK_PORT", 0.0, "later")], Policy({"LINK_PORT": "throttle"}))
    assert (throttled.command_status, throttled.reason) == (c.ESME_RTHROTTLED, "later")
    assert ACCEPTED.command_status == c.ESME_ROK
