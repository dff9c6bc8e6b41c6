# CPU time of screening a message, by how its template is known: known, new in a batch, new and alone;
# with the package's lexicon grown to 100,000 terms, and the interpreter tuned as a router tunes it. Time of
# this thread only, medians of rounds: other programs on the machine make it noisy all the same, since caches
# and the two halves of a core are shared. So two fixed pieces of work are measured beside it.
"""What screening costs."""

import datetime
import gc
import random
import threading
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from benchmarks import mix
from benchmarks.compliance.measure import DAY
from smpp_router.app import tune_interpreter
from smpp_router.compliance.case import Subject
from smpp_router.compliance.compiled import compiled, read_compiled
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.lexicon import HEAD_LINE, Term, read_terms
from smpp_router.compliance.model import Model
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.views import light_view

TERMS = 100_000
SWAPPED_TERMS = 50_000
BATCH = 64
ROUNDS = 15
SWAPS = 10
NOW = datetime.datetime.combine(DAY, datetime.time(4), datetime.UTC).timestamp()


def many_terms(own: Sequence[Term], count: int, seed: int = 1) -> list[Term]:
    """The package's terms and made ones, `count` in all."""
    rng = random.Random(seed)
    characters = [chr(code) for code in range(0x4E00, 0x9000) if light_view(chr(code)) == chr(code)]
    made: set[str] = set()
    while len(made) < count - len(own):
        made.add("".join(rng.choice(characters) for _ in range(rng.randint(2, 6))))
    lines = [f"{term}\tmade_{i % 90}\t*\ttag\t1" for i, term in enumerate(sorted(made))]
    return [*own, *read_terms([("made", "\n".join([HEAD_LINE, *lines]))])]


def figures(own: Sequence[Term], model: Model, texts: Sequence[str]) -> dict[str, Any]:
    """Microseconds of CPU a message."""
    keywords = Keywords(many_terms(own, TERMS))
    tune_interpreter()
    gc.collect()
    gc.freeze()
    result: dict[str, Any] = {
        "terms": keywords.size,
        "reference: 20,000 turns of a loop": _median(_loop, 1),
        "reference: 3,500 rows of 64 bytes": _median(_rows(), 1),
    }
    batches = [list(texts[at : at + BATCH]) for at in range(0, len(texts) - BATCH, BATCH)]

    def fresh() -> TextScreen:
        return TextScreen(keywords, model, DAY)

    known = fresh()
    for batch in batches:
        known.screen(batch, [""] * len(batch), DAY)
    result["template known"] = _median(lambda: _all(known, batches), len(batches) * BATCH)
    result[f"new, in a batch of {BATCH}"] = _median(lambda: _all(fresh(), batches), len(batches) * BATCH)
    alone = [[text] for text in texts[:1000]]
    result["new, alone"] = _median(lambda: _all(fresh(), alone), len(alone))
    result["new, alone, p99"] = _p99(fresh(), alone)
    return result | _whole_figures(fresh, texts)


def _whole_figures(fresh: Callable[[], TextScreen], texts: Sequence[str]) -> dict[str, Any]:
    """The same of all that is asked in the way of a message: templates, rules, words, recipient, traffic."""
    rng = random.Random(1)
    fitting = list(islice(mix.templated(rng), len(texts)))
    numbers = [f"86138{rng.randrange(10**8):08d}" for _ in texts]

    def screener() -> Screener:
        return Screener(mix.compliance(), fresh(), time.perf_counter, (), time.thread_time)

    def batches(written: Sequence[str], size: int) -> list[list[Subject]]:
        subjects = [
            Subject(text, "bench", "default", mix.SENDER, number, (), NOW)
            for text, number in zip(written, numbers, strict=False)
        ]
        return [subjects[at : at + size] for at in range(0, len(subjects) - size + 1, size)]

    known, of_templates = screener(), batches(fitting, BATCH)
    new, alone = batches(texts, BATCH), batches(texts[:1000], 1)
    return {
        "all screening, fits a registered template": _median(
            lambda: _judge(known, of_templates), len(of_templates) * BATCH
        ),
        f"all screening, new, in a batch of {BATCH}": _median(
            lambda: _judge(screener(), new), len(new) * BATCH
        ),
        "all screening, new, alone": _median(lambda: _judge(screener(), alone), len(alone)),
    }


def _judge(screener: Screener, batches: Sequence[Sequence[Subject]]) -> None:
    for batch in batches:
        for subject, verdict in zip(batch, screener.screen(batch, NOW), strict=True):
            screener.watched(subject, verdict, NOW)


def _loop() -> int:
    total = 0
    for i in range(20_000):
        total += i * i
    return total


def _rows() -> Callable[[], object]:
    table = np.arange(131_072 * 8, dtype=np.uint64).reshape(-1, 8)
    numbers = np.random.default_rng(1).integers(0, len(table), 3_500)
    return lambda: table.take(numbers, 0)


def _all(screen: TextScreen, batches: Sequence[Sequence[str]]) -> None:
    for batch in batches:
        screen.screen(batch, [""] * len(batch), DAY)


def _median(work: Callable[[], object], messages: int) -> float:
    work()
    times: list[float] = []
    gc.collect()
    for _ in range(ROUNDS):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return sorted(times)[ROUNDS // 2] / messages * 1e6


def _p99(screen: TextScreen, batches: Sequence[Sequence[str]]) -> float:
    times: list[float] = []
    for batch in batches:
        started = time.thread_time()
        screen.screen(batch, [""], DAY)
        times.append(time.thread_time() - started)
    return sorted(times)[int(len(times) * 0.99)] * 1e6


def swap_figures(own: Sequence[Term], model: Model, texts: Sequence[str]) -> dict[str, Any]:
    """A compiled lexicon is read in a thread, as a reload does it, while messages are screened on and on.

    Several times; a batch's time counts whatever else the machine did meanwhile.
    """
    screen = TextScreen(Keywords(own), model, DAY)
    new = Keywords(many_terms(own, SWAPPED_TERMS, seed=2))
    data = compiled(new, "")
    batches = [list(texts[at : at + 16]) for at in range(0, len(texts) - 16, 16)]
    started = time.perf_counter()
    plain = _longest(screen, batches, lambda: time.perf_counter() - started < 1.0)
    during: list[float] = []
    in_force: list[float] = []
    held: list[float] = []
    for _ in range(SWAPS):
        screen.swap(keywords=Keywords(own))
        done: list[float] = []
        begun = time.perf_counter()
        thread = threading.Thread(target=lambda: done.append(_swap(screen, data)))  # noqa: B023 - joined below
        thread.start()
        during.append(_longest(screen, batches, lambda: not done))  # noqa: B023 - called at once
        in_force.append(time.perf_counter() - begun)
        thread.join()
        held += done
        assert screen.versions[0] == new.version
    return {
        "terms": new.size,
        "in force after s, median and longest": [sorted(in_force)[SWAPS // 2], max(in_force)],
        "CPU of all its reading, ms": sorted(held)[SWAPS // 2],
        "longest batch ms, median and longest": [sorted(during)[SWAPS // 2], max(during)],
        "longest batch in a second without a swap, ms": plain,
    }


def _swap(screen: TextScreen, data: bytes) -> float:
    started = time.thread_time()
    screen.swap(keywords=read_compiled(data)[1])
    return (time.thread_time() - started) * 1e3


def _longest(screen: TextScreen, batches: Sequence[Sequence[str]], goes_on: Callable[[], bool]) -> float:
    longest, at = 0.0, 0
    while goes_on():
        batch = batches[at % len(batches)]
        at += 1
        begun = time.perf_counter()
        screen.screen(batch, [""] * len(batch), DAY)
        longest = max(longest, time.perf_counter() - begun)
    return longest * 1e3
