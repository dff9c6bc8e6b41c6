# CPU time of screening a message, by how its template is known: known, new in a batch, new and alone;
# with the package's lexicon grown to 100,000 terms. Process time of this process only, medians of rounds:
# other programs on the machine make it noisy all the same.
"""What screening costs."""

import gc
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.compliance.measure import DAY
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.lexicon import HEAD_LINE, Term, read_terms
from smpp_router.compliance.model import Model
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.views import light_view

TERMS = 100_000
SWAPPED_TERMS = 50_000
BATCH = 64
ROUNDS = 15


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
    result: dict[str, Any] = {"terms": keywords.size}
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
    return result


def _all(screen: TextScreen, batches: Sequence[Sequence[str]]) -> None:
    for batch in batches:
        screen.screen(batch, [""] * len(batch), DAY)


def _median(work: Callable[[], None], messages: int) -> float:
    work()
    times: list[float] = []
    gc.collect()
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return sorted(times)[ROUNDS // 2] / messages * 1e6


def _p99(screen: TextScreen, batches: Sequence[Sequence[str]]) -> float:
    times: list[float] = []
    for batch in batches:
        started = time.process_time()
        screen.screen(batch, [""], DAY)
        times.append(time.process_time() - started)
    return sorted(times)[int(len(times) * 0.99)] * 1e6


def swap_figures(own: Sequence[Term], model: Model, texts: Sequence[str]) -> dict[str, Any]:
    """A lexicon is made in a thread while messages are screened without a pause."""
    screen = TextScreen(Keywords(own), model, DAY)
    terms = many_terms(own, SWAPPED_TERMS, seed=2)
    started = time.perf_counter()
    done: list[float] = []

    def make() -> None:
        screen.swap(keywords=Keywords(terms, lambda: time.sleep(0)))
        done.append(time.perf_counter() - started)

    batches = [list(texts[at : at + 16]) for at in range(0, len(texts) - 16, 16)]
    plain = _longest(screen, batches, lambda: time.perf_counter() - started < 1.0)
    started = time.perf_counter()
    thread = threading.Thread(target=make)
    thread.start()
    during = _longest(screen, batches, lambda: not done)
    thread.join()
    return {
        "terms": len(terms),
        "in force after s": done[0],
        "longest batch ms": during,
        "without a swap ms": plain,
    }


def _longest(screen: TextScreen, batches: Sequence[Sequence[str]], goes_on: Callable[[], bool]) -> float:
    longest, at = 0.0, 0
    while goes_on():
        batch = batches[at % len(batches)]
        at += 1
        begun = time.perf_counter()
        screen.screen(batch, [""] * len(batch), DAY)
        longest = max(longest, time.perf_counter() - begun)
    return longest * 1e3
