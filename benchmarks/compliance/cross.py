# The held-out part has few texts of some classes. Here every text of the fake base stations' spam is judged
# once, by heads that saw no text of its cluster: trained as those that are shipped, and mixed by what
# other clusters' margins were.
"""F1 of the classes by cross-validation over clusters."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.compliance.data import FBS_GROUPS, Sample, own_samples
from benchmarks.compliance.measure import f1_table, fbs_classes
from benchmarks.compliance.train import TrainingData, distinct

MIXING_FOLDS = 5
TEXTS_MIN = 50
"""Different texts without which a class has no F1: one has hundreds of rows and seven texts."""


def cross_figures(samples: Sequence[Sample]) -> dict[str, Any]:
    """F1 by class, their mean, with 95 % intervals; as labelled, and without labels that texts contradict."""
    data = TrainingData(distinct([*samples, *own_samples()]))
    unseen = data.unseen()
    logits = np.empty((len(unseen), len(data.heads)))
    fold = data.folds("mixing", MIXING_FOLDS)
    for number in range(MIXING_FOLDS):
        shares, offsets = data.mixing(unseen, fold != number)
        logits[fold == number] = unseen[fold == number] @ shares.T + offsets
    rows = [row for row in range(data.originals) if data.samples[row].source == "fbs"]
    categories = np.array([FBS_GROUPS.get(head, "Other") for head in data.heads[1:]])
    truth = np.array([data.samples[row].sub for row in rows])
    guess = categories[logits[rows, 1:].argmax(1)]
    classes = [name for name in fbs_classes(samples) if (truth == name).sum() >= TEXTS_MIN]
    clean = np.array([not data.samples[row].suspect for row in rows])
    return {
        "as labelled": f1_table(truth.tolist(), guess.tolist(), classes),
        "cleaned": f1_table(truth[clean].tolist(), guess[clean].tolist(), classes),
    }
