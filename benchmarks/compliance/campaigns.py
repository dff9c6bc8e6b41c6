"""Campaigns found from one sample each."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.compliance.data import Sample
from smpp_router.compliance.campaign import Campaigns

CAMPAIGNS = 150
TEXTS_MIN = 3
FOREIGN = 26_000


def campaign_figures(samples: Sequence[Sample]) -> dict[str, Any]:
    """Recall within campaigns of fake base stations' spam, and hits among other texts.

    A campaign is a cluster of three texts and more. Hits in other clusters of the same spam, most of them the
    same fraud in other words, are told apart from those in other people's texts.
    """
    rng = random.Random(1)
    by_cluster: dict[str, list[Sample]] = defaultdict(list)
    for sample in {sample.text: sample for sample in samples}.values():
        by_cluster[sample.cluster].append(sample)
    names = sorted(
        name for name, texts in by_cluster.items() if len(texts) >= TEXTS_MIN and texts[0].source == "fbs"
    )
    chosen = rng.sample(names, min(CAMPAIGNS, len(names)))
    known = Campaigns()
    found = total = 0
    shares: list[float] = []
    for name in chosen:
        first = rng.choice(by_cluster[name])
        known.add(first.text, name)
        by_cluster[name].remove(first)
    for name in chosen:
        others = by_cluster[name]
        mine = sum(known.find(sample.text) == name for sample in others)
        shares.append(mine / len(others))
        found += mine
        total += len(others)
    rest = by_cluster.keys() - set(chosen)
    others = [sample for name in sorted(rest) for sample in by_cluster[name]]
    legitimate = [sample for sample in others if sample.source in ("nus_zh", "mudou")]
    rng.shuffle(legitimate)
    legitimate = legitimate[:FOREIGN]
    fraud = [sample for sample in others if sample.source == "fbs"]
    return {
        "campaigns": len(chosen),
        "recall from one sample, mean of campaigns": sum(shares) / max(1, len(shares)),
        "recall from one sample, all texts": [found / max(1, total), total],
        "hits in other people's texts": [
            sum(known.find(sample.text) is not None for sample in legitimate),
            len(legitimate),
        ],
        "hits in other clusters of the same spam": [
            sum(known.find(sample.text) is not None for sample in fraud),
            len(fraud),
        ],
    }
