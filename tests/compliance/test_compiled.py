import datetime
import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.compliance.compiled import CompiledError, compiled, read_compiled
from smpp_router.compliance.keywords import Keywords, findings
from smpp_router.compliance.lexicon import HEAD_LINE, Term, read_terms
from smpp_router.compliance.views import light_views, shape_view, sound_view, zeroed

DAY = datetime.date(2026, 5, 1)
ROWS = (
    "代开发票\tinvoice\t*\thold\t3\t法\t-\t-\t严禁代开发票|不代开发票\tsound",
    "发票\tpaper\tmarketing,notification\ttag\t0.5",
    "发票\tother\t*\ttag\t1\t-\t2026-01-01\t2026-06-30",
    "满100减50\tpromo\t*\ttag\t1",
    "a\tletter\t*\trefuse\t2.25",
)
texts = st.text(st.sampled_from("代开发票严禁不岱满1005减a,。"), max_size=20)


def terms(*rows: str) -> list[Term]:
    return read_terms([("f", "\n".join([HEAD_LINE, *rows]))])


MADE = Keywords(terms(*ROWS))
READ = read_compiled(compiled(MADE, "these"))[1]


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from(["", "marketing"]))
def test_a_compiled_lexicon_finds_what_the_lexicon_finds(batch: list[str], traffic_class: str) -> None:
    lights = light_views(batch)
    sounds = sound_view(shape_view(lights))
    assert READ.lines_with_digits(zeroed(lights)) == MADE.lines_with_digits(zeroed(lights))
    found = [
        [findings(text, hits, traffic_class, DAY) for text, hits in zip(batch, some, strict=True)]
        for some in (READ.hits(lights, sounds, len(batch)), MADE.hits(lights, sounds, len(batch)))
    ]
    assert found[0] == found[1]


def test_it_tells_what_it_was_made_of_and_is_of_the_same_version_and_size() -> None:
    sources, read = read_compiled(compiled(MADE, "these"))
    assert (sources, read.version, read.size) == ("these", MADE.version, len(ROWS))


def test_terms_are_read_when_a_text_has_them_and_are_equal() -> None:
    of_all = [READ.parts.light.terms(number) for number in range(READ.parts.light.count)]
    assert of_all == [MADE.parts.light.terms(number) for number in range(MADE.parts.light.count)]
    assert READ.parts.light.terms(0) is READ.parts.light.terms(0)


def test_it_can_be_compiled_again() -> None:
    assert compiled(READ, "these") == compiled(MADE, "these")


def test_a_lexicon_without_terms_can_be_compiled() -> None:
    _, read = read_compiled(compiled(Keywords([]), ""))
    assert read.hits("发票\n", "发票\n", 1) == [[]]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04N.", compiled(MADE, "")[:-30]])
def test_what_is_no_compiled_lexicon_is_told_apart(data: bytes) -> None:
    with pytest.raises(CompiledError):
        read_compiled(data)


def test_a_damaged_file_is_told_apart_wherever_it_is_damaged() -> None:
    good = compiled(MADE, "these")
    rng = random.Random(1)
    for _ in range(200):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        try:
            sources, read = read_compiled(bytes(bad))
        except CompiledError:
            continue
        # What is in no check sum is not in what was read either: names' dates, and the like.
        assert (sources, read.version) == ("these", MADE.version)
        assert compiled(read, "these") == good


def test_another_format_is_told() -> None:
    file = io.BytesIO()
    np.savez(file, about=np.array('{"format": 99}'))
    with pytest.raises(CompiledError, match="format 99"):
        read_compiled(file.getvalue())
