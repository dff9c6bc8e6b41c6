# A campaign is a cluster of the collected near-duplicates. Clusters were made by joining each text to those
# like it, so a long one is a chain, and one kind of fraud is several clusters whose texts differ by a bank's
# name. So hits elsewhere are told apart: by whom the text is from, by its category, and by a likeness that
# the matcher knows nothing of (what is left when one text is edited into the other).
"""Campaigns found from one sample each."""

import difflib
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.compliance.data import Sample
from smpp_router.compliance.campaign import Campaigns
from smpp_router.compliance.views import light_view, shape_view

CAMPAIGNS = 150
TEXTS_MIN = 3
CHARACTERS_MIN = 12
"""A campaign has something to say: there is a cluster of bare numbers."""
FOREIGN = 26_000
SAME_EDIT = 0.5
RESAMPLES = 400


def campaign_figures(samples: Sequence[Sample]) -> dict[str, Any]:
    """Recall within campaigns of fake base stations' spam, each known by one sample, and hits elsewhere."""
    rng = random.Random(1)
    by_cluster: dict[str, list[Sample]] = defaultdict(list)
    for sample in {sample.text: sample for sample in samples}.values():
        by_cluster[sample.cluster].append(sample)
    chosen = rng.sample(_campaigns(by_cluster), CAMPAIGNS)
    known, firsts = Campaigns(), dict[str, Sample]()
    mine: list[list[bool]] = []
    for name in chosen:
        first = firsts[name] = rng.choice(by_cluster[name])
        known.add(first.text, name)
        alone = Campaigns()
        alone.add(first.text, name)
        mine.append([alone.find(s.text) is not None for s in by_cluster[name] if s is not first])
    rest = [sample for name in sorted(by_cluster.keys() - set(chosen)) for sample in by_cluster[name]]
    others = [sample for sample in rest if sample.source in ("nus_zh", "mudou")]
    rng.shuffle(others)
    others = others[:FOREIGN]
    spam = [sample for sample in rest if sample.source == "fbs"]
    hits = [(s, firsts[name]) for s in spam if (name := known.find(s.text)) is not None]
    return {
        "campaigns": len(chosen),
        "recall from one sample, mean of campaigns": _mean([sum(found) / len(found) for found in mine]),
        "recall from one sample, all texts": [
            sum(map(sum, mine)) / sum(map(len, mine)),
            sum(map(len, mine)),
        ],
        "hits in other people's texts": [sum(known.find(s.text) is not None for s in others), len(others)],
        "hits in other clusters of the same spam": [len(hits), len(spam)],
        "of these, of another category": sum(s.sub != first.sub for s, first in hits),
        "of these, another text by edits": sum(_edit_likeness(s, first) < SAME_EDIT for s, first in hits),
    }


def _campaigns(by_cluster: dict[str, list[Sample]]) -> list[str]:
    return sorted(
        name
        for name, texts in by_cluster.items()
        if len(texts) >= TEXTS_MIN
        and texts[0].source == "fbs"
        and max(len(light_view(sample.text)) for sample in texts) >= CHARACTERS_MIN
    )


def _mean(values: list[float]) -> list[float]:
    """The mean, and its 95 % interval over campaigns."""
    array = np.array(values)
    drawn = np.random.default_rng(1).choice(array, (RESAMPLES, len(array))).mean(1)
    return [float(array.mean()), *np.quantile(drawn, (0.025, 0.975)).tolist()]


def _edit_likeness(one: Sample, other: Sample) -> float:
    views = [shape_view(light_view(sample.text)) for sample in (one, other)]
    return difflib.SequenceMatcher(None, *views, autojunk=False).ratio()
