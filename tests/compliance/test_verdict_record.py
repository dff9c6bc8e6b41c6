import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.symbols import ACTIONS, Symbol
from smpp_router.compliance.verdict import ACCEPTED, Verdict
from smpp_router.compliance.verdict_record import (
    CATEGORY_MIN,
    SYMBOLS_MAX,
    as_json,
    compare,
    from_json,
    from_octets,
    to_octets,
)

symbols = st.builds(
    Symbol,
    st.sampled_from(["TERM", "LINK_SHORTENER", "OPTED_OUT"]),
    st.floats(-9, 9),
    st.text(max_size=30),
    st.integers(-1, 99),
    st.integers(-1, 99),
    st.sampled_from(["", "text model", "opt-out", "traffic"]),
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(ACTIONS),
    st.lists(symbols, max_size=5).map(tuple),
    st.none(),
    st.floats(0, 1),
    st.lists(st.tuples(st.sampled_from(["fraud", "gambling"]), st.floats(0, 1)), max_size=2).map(tuple),
    st.sampled_from(["", "a1b2"]),
    st.sampled_from(["", "m7"]),
    configuration_version=st.sampled_from(["", "0a1b2c3d4e5f"]),
)
TERM = Symbol("TERM", 2.0, "a term of gambling", 3, 5, "lexicon")
REFUSED = Verdict("refuse", (TERM,), TERM, 0.97, (("gambling", 0.9), ("loans", 0.01)), "lex-1", "model-1")


@given(verdicts)
def test_a_verdict_is_read_as_it_was_kept(verdict: Verdict) -> None:
    kept = from_octets(to_octets(verdict))
    assert kept.action == verdict.action
    assert (kept.lexicon_version, kept.model_version) == (verdict.lexicon_version, verdict.model_version)
    assert kept.configuration_version == verdict.configuration_version
    assert kept.illicit == pytest.approx(verdict.illicit, abs=1e-4)
    assert [symbol.name for symbol in kept.symbols] == [symbol.name for symbol in verdict.symbols]
    assert from_json(json.loads(json.dumps(as_json(kept)))) == kept


@given(verdicts)
def test_a_verdict_that_is_made_again_is_the_same(verdict: Verdict) -> None:
    comparison = compare(from_octets(to_octets(verdict)), verdict)
    assert comparison.is_same
    assert len(comparison.passing) == sum(s.source in ("opt-out", "traffic") for s in verdict.symbols)


def test_what_is_accepted_without_findings_takes_little_room() -> None:
    assert len(to_octets(attrs.evolve(ACCEPTED, lexicon_version="0123456789ab", model_version="ab12"))) < 64


def test_the_decisive_finding_is_kept_whatever_else_was_found() -> None:
    others = tuple(Symbol(f"S{n}", 1.0, "why") for n in range(50))
    kept = from_octets(to_octets(attrs.evolve(REFUSED, symbols=(*others, TERM))))
    assert len(kept.symbols) == SYMBOLS_MAX
    assert (kept.decisive, kept.symbols[0]) == ("TERM", TERM)
    assert [name for name, value in kept.categories if value < CATEGORY_MIN] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"action": "hold"}, "action: refuse then, hold now"),
        ({"illicit": 0.5}, "illicit: 97.00% then, 50.00% now"),
        ({"symbols": (), "decisive": None}, "found then, not now: TERM +2 at 3-5"),
        ({"symbols": (TERM, attrs.evolve(TERM, start=8, end=9))}, "found now, not then: TERM +2 at 8-9"),
    ],
)
def test_what_differs_is_said(changes: dict[str, Any], said: str) -> None:
    comparison = compare(from_octets(to_octets(REFUSED)), attrs.evolve(REFUSED, **changes))
    assert said in comparison.differences
    assert not comparison.is_same


def test_another_configuration_is_told_and_one_that_was_not_kept_is_not() -> None:
    then, now = (attrs.evolve(REFUSED, configuration_version=version) for version in ("c-1", "c-2"))
    assert compare(from_octets(to_octets(then)), now).versions == (("configuration", "c-1", "c-2"),)
    assert compare(from_octets(to_octets(REFUSED)), now).is_same
    told = as_json(from_octets(to_octets(REFUSED)))
    del told["configuration_version"]
    assert from_json(told) == from_octets(to_octets(REFUSED))


def test_other_versions_are_told_apart_from_other_findings() -> None:
    now = attrs.evolve(REFUSED, lexicon_version="lex-2")
    comparison = compare(from_octets(to_octets(REFUSED)), now)
    assert comparison.versions == (("lexicon", "lex-1", "lex-2"),)
    assert comparison.differences == ()
    assert not comparison.is_same


def test_a_refusal_for_the_recipients_sake_is_not_asked_of_the_text_again() -> None:
    refused = Symbol("OPTED_OUT", 0.0, "the recipient has refused such messages", source="opt-out")
    kept = from_octets(to_octets(Verdict("refuse", (refused,), refused)))
    comparison = compare(kept, ACCEPTED)
    assert comparison.is_same
    assert comparison.passing == ("OPTED_OUT",)
    assert not compare(from_octets(to_octets(Verdict("hold", (refused,), refused))), REFUSED).is_same


@pytest.mark.parametrize("octets", [b"", b"{}", b"[]", b"fine", b'{"a":1,"i":0,"l":"","m":"","s":[1]}'])
def test_what_is_no_verdict_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="not a verdict"):
        from_octets(octets)


def test_json_that_is_no_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="smpp-router trace --json"):
        from_json({"action": "accept"})
