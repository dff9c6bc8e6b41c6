"""The traffic of benchmarks is what it says: templates that fit, fresh texts that differ, all accepted."""

import random
import re
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import mix
from simulators.traffic.files import load_traffic
from smpp_router.compliance.case import Subject
from smpp_router.compliance.screener import Screener

NOW = 1_790_000_000.0


@pytest.fixture(scope="module")
def screener() -> Screener:
    return mix.made_screener()


def test_what_fits_a_template_is_known_by_it(screener: Screener) -> None:
    texts = mix.accepted(mix.templated(random.Random(3)), 100, screener, NOW)
    before = screener.counters.templates
    screener.screen([Subject(text, "bench", "default", mix.SENDER, now=NOW) for text in texts], NOW)
    assert screener.counters.templates == before + 100
    assert len({re.sub(r"\d", "", text) for text in texts}) >= len(mix.TEMPLATES)


@pytest.mark.parametrize("kind", ["delivery", "appointment", "service"])
def test_fresh_texts_differ_in_their_words_and_fit_no_template(kind: str, screener: Screener) -> None:
    texts = mix.accepted(mix.fresh(kind, random.Random(3)), 200, screener, NOW)
    before = screener.counters.templates
    screener.screen([Subject(text, "bench", "default", mix.SENDER, now=NOW) for text in texts], NOW)
    assert screener.counters.templates == before
    assert len(set(texts)) == 200
    assert not any(character.isdigit() for text in texts for character in text)


def test_there_are_enough_fresh_texts_for_a_run() -> None:
    for kind in ("delivery", "appointment", "service"):
        rng = random.Random(3)
        assert len(set(islice(mix.fresh(kind, rng), 4 * mix.TEXTS))) > mix.TEXTS


def test_numbers_that_come_one_after_the_other_are_of_different_blocks() -> None:
    patterns = mix.destinations(random.Random(1))
    assert len({pattern[:9] for pattern in patterns}) > 0.9 * mix.PATTERNS
    assert all(re.fullmatch(r"861\d{6}####", pattern) for pattern in patterns)


def test_what_is_written_is_traffic_for_a_load(tmp_path: Path) -> None:
    (kind,) = load_traffic(mix.write_traffic(tmp_path / "traffic.toml", mix.many_numbers("【示例】你好")))
    assert kind.texts == ("【示例】你好",)
    assert len(kind.destinations) == mix.PATTERNS
