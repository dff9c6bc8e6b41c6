# The held-out part has few texts of some classes. Here every text of the fake base stations' spam is
# judged once, by a machine that saw no text of its cluster: five machines, each of four fifths of the
# clusters, over the same features as the shipped model's.
"""F1 of the classes by cross-validation over clusters."""

import importlib
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.compliance.data import Sample
from benchmarks.compliance.measure import f1_table, fbs_classes
from benchmarks.compliance.train import counts, distinct

FOLDS = 5
MARGIN = 1.0
"""Not that of training: these machines are shown no variants, so they may follow their texts more closely."""


def cross_figures(samples: Sequence[Sample]) -> dict[str, Any]:
    """F1 by class, their mean, with 95 % intervals; as labelled, and without labels that texts contradict."""
    sparse = importlib.import_module("scipy.sparse")
    svm = importlib.import_module("sklearn.svm").LinearSVC
    texts = [sample for sample in distinct(samples) if sample.source == "fbs"]
    matrix = counts([sample.text for sample in texts])
    document_counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    idf = np.log((1 + len(texts)) / (1 + document_counts)) + 1
    lengths = np.sqrt(np.maximum(matrix @ idf**2, 1.0))
    matrix = (sparse.diags(1 / lengths) @ matrix @ sparse.diags(idf)).tocsr()
    truth = np.array([sample.sub for sample in texts])
    fold = np.array([zlib.crc32(sample.cluster.encode()) % FOLDS for sample in texts])
    guess = np.array([""] * len(texts), dtype=truth.dtype)
    for number in range(FOLDS):
        machine = svm(C=MARGIN, class_weight="balanced", random_state=1).fit(
            matrix[fold != number], truth[fold != number]
        )
        guess[fold == number] = machine.predict(matrix[fold == number])
    classes = fbs_classes(samples)
    clean = np.array([not sample.suspect for sample in texts])
    return {
        "as labelled": f1_table(truth.tolist(), guess.tolist(), classes),
        "cleaned": f1_table(truth[clean].tolist(), guess[clean].tolist(), classes),
    }
