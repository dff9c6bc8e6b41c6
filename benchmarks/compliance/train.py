# Trains the text model that the router ships:
#
#   python -m benchmarks.compliance.train     needs the shared texts and `pip install .[train]`; some minutes
#
# 1. One text per light view (copies teach nothing), the held-out clusters left aside.
# 2. Each text as it is, and in another source's manner (styles.py). For the illicit head also written
# evasively (attacks.py, table 0), illicit ones quoted in a warning (quoted.py), legitimate ones with a link.
# 3. tf-idf over the hashed n-grams of the router's own views, and one linear support vector machine a
# head. Categories of one group that come from different sources are not set against each other.
# Beside each, one that learns from own texts only: what is sent today is sorted otherwise.
# 4. Every text's margins by machines that did not see its cluster; from these a probability for each head,
# by the margins of all machines (mixing.py). Then machines of all training clusters, mixed in the same way: a
# mixture of linear machines is linear again, so it costs the router nothing. 8 bits a weight.
#
# The same seeds, data and versions give the same file.
"""`python -m benchmarks.compliance.train`: the text model, trained anew."""

import argparse
import importlib
import random
import re
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from benchmarks.compliance.data import FBS_GROUPS, FILES, ILLICIT, Sample, own_samples, shared_samples
from benchmarks.compliance.mixing import mixed
from benchmarks.compliance.quoted import SOURCE as WARNING
from benchmarks.compliance.quoted import warnings_of
from benchmarks.compliance.styles import linked
from benchmarks.compliance.variants import evaded, restyled
from smpp_router.compliance.features import BUCKETS, features
from smpp_router.compliance.model import DAMPING, packable, save_model
from smpp_router.compliance.model import ILLICIT as ILLICIT_HEAD
from smpp_router.compliance.views import light_view, light_views, shape_view, sound_view

CANARY = Path(__file__).parents[2] / "smpp_router" / "compliance" / "canary.tsv"
TARGET = Path(__file__).parents[2] / "smpp_router" / "compliance" / "model.npz"
SEED = 20240501
CATEGORY_MIN = 20
"""A category with fewer texts gets no head."""
MARGIN = 0.5
ILLICIT_MARGIN = 1.5
PASSES_MAX = 9
"""Over all texts, for one machine: balanced ones would take a thousand to be exact; a weight has 8 bits."""
TOLERANCE = 0.01
VARIANT_WEIGHT = 0.5
EVADED_WEIGHT = 0.35
"""Of an evasive copy of an illicit text: many copies of little weight teach more than few of more."""
EVADED_OTHER_WEIGHT = 0.15
"""Of the one evasive copy of another text."""
OWN_SHARE = 0.8
OWN_VARIANT_SHARE = 0.4
"""Of the weight of own texts, and of how else they could be written, beside collected ones: they are many."""
CATEGORY_OWN_SHARE = 0.15
"""That again for the categories: how the collected texts are sorted is theirs to tell."""
LINKED_SHARE = 0.25
"""Of the legitimate texts, also written with a link: the collected ones hardly have any, and it is not a link
that makes a fraud."""
FOLDS = 4
"""Machines that judge what they have not seen, each taught three quarters of the clusters."""
MIXED_OWN_SHARE = 0.35
"""Of the weight of own texts when the illicit head is mixed."""
MIXED_CATEGORY_WEIGHTS = {"fbs": 1.0, "sms80w_spam": 0.1, "mudou": 0.1, "nus_zh": 0.02, "own": 0.03}
"""Of a text when categories are, by source: most categories are classes of the first one, private messages
are half of the collection and rare in bulk traffic, and own texts are many."""
MIXED_RARE = 0.2
"""The texts of a category are that power of the others' weight heavier, all together."""
ILLICIT_PENALTY = 3e-5
CATEGORY_PENALTY = 2e-4
"""Of the squares of what the margins count for."""
PERSONAL_SHARE = 3
"""One in so many private messages is written otherwise and set against categories: they are half of all
texts, and far from all of them."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
CANARY_VARIANTS = 1
"""Texts of an own line that the daily update is measured on."""


@attrs.frozen(kw_only=True, eq=False)
class Trained:
    """Real-valued heads: weights by head and bucket, what a feature counts for the length, biases."""

    heads: tuple[str, ...]
    weights: NDArray[np.float64]
    squares: NDArray[np.float64]
    biases: NDArray[np.float64]


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description="Train the text model anew.")
    parser.add_argument("--target", type=Path, default=TARGET, metavar="FILE")
    parser.add_argument("--name", default="text-7")
    options = parser.parse_args()
    samples = distinct([*shared_samples(), *own_samples()])
    print(Counter(sample.source for sample in samples), flush=True)
    write(train([sample for sample in samples if not sample.held_out]), options.target, options.name)
    write_canary(CANARY)
    print(f"{options.target}: {options.target.stat().st_size:,} bytes")


def write_canary(target: Path) -> None:
    """Write the own texts for the daily update, which may not make the model worse on them."""
    lines = ["# Made by benchmarks.compliance.train of own.tsv: illicit or legitimate, category, text."]
    for sample in own_samples():
        if sample.variant >= CANARY_VARIANTS:
            continue
        word = "illicit" if sample.illicit else "legitimate"
        lines.append(f"{word}\t{sample.category}\t{sample.text}")
    target.write_text("\n".join([*lines, ""]), "utf-8")


def distinct(samples: Sequence[Sample]) -> list[Sample]:
    """One sample for each light view; a suspect one makes its copies suspect."""
    first: dict[str, Sample] = {}
    for sample in samples:
        view = light_view(sample.text)
        known = first.get(view)
        if known is None:
            first[view] = sample
        elif sample.suspect or (known.illicit is None and sample.illicit is not None and not known.suspect):
            first[view] = attrs.evolve(sample, held_out=known.held_out, cluster=known.cluster)
    return list(first.values())


def train(samples: Sequence[Sample]) -> Trained:
    """Train all heads on samples, curves included."""
    data = TrainingData(samples)
    unseen = data.unseen()
    everything = np.ones(len(data.samples), np.bool_)
    shares, offsets = data.mixing(unseen, everything)
    weights, biases = data.fit(everything)
    return Trained(
        heads=data.heads,
        weights=shares @ weights * data.idf,
        squares=data.idf**2,
        biases=shares @ biases + offsets,
    )


def write(trained: Trained, target: Path, name: str) -> None:
    """Write heads with 8 bits a weight."""
    # Mixed margins are logits already.
    slopes, offsets = np.ones(len(trained.heads)), np.zeros(len(trained.heads))
    save_model(
        target,
        name,
        trained.heads,
        *packable(trained.weights, trained.squares, trained.biases, slopes, offsets),
    )


def counts(texts: Sequence[str]) -> Any:
    """A sparse matrix of how often each bucket occurs in each text."""
    sparse = importlib.import_module("scipy.sparse")
    rows: list[Any] = []
    for at in range(0, len(texts), 512):
        batch = texts[at : at + 512]
        shapes = shape_view(light_views(batch))
        found = features(shapes, sound_view(shapes), len(batch))
        numbers, owners = found.by_text()
        ones = np.ones(len(numbers), np.float32)
        rows.append(sparse.csr_matrix((ones, (owners, numbers)), shape=(len(batch), BUCKETS)))
    matrix = sparse.vstack(rows).tocsr()
    matrix.sum_duplicates()
    return matrix


class TrainingData:
    """Samples and their variants as a matrix, with each head's labels."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        sparse = importlib.import_module("scipy.sparse")
        rng = random.Random(SEED)
        texts = [sample.text for sample in samples]
        originals = counts(texts)
        document_counts = np.bincount(originals.indices, minlength=BUCKETS)
        self.idf: NDArray[np.float64] = np.log((1 + len(texts)) / (1 + document_counts)) + 1
        written = [(sample, restyled(sample, rng)) for sample in samples if not _left_plain(sample)]
        evasive = evaded(written, rng)
        with_links = [
            (sample, linked(text, rng))
            for sample, text in written
            if sample.illicit is False and rng.random() < LINKED_SHARE
        ]
        variants = [*written, *evasive, *with_links, *warnings_of(samples, random.Random(SEED))]
        matrix = sparse.vstack([originals, counts([text for _, text in variants])]).tocsr()
        # tf-idf, each row divided by the length that the router computes for it.
        lengths = np.sqrt(matrix @ self.idf**2 + DAMPING)
        self.matrix = (sparse.diags(1 / lengths) @ matrix @ sparse.diags(self.idf)).tocsr()
        self.samples = [*samples, *(sample for sample, _ in variants)]
        self.originals = len(samples)
        own = np.array([sample.source == "own" for sample in self.samples])
        copies = slice(len(samples) + len(written), len(samples) + len(written) + len(evasive))
        self.weight = np.full(len(self.samples), VARIANT_WEIGHT)
        self.weight[copies] = [EVADED_WEIGHT if s.illicit else EVADED_OTHER_WEIGHT for s, _ in evasive]
        self.weight[own] *= OWN_VARIANT_SHARE
        self.weight[: len(samples)] = np.where(own[: len(samples)], OWN_SHARE, 1.0)
        self.category_weight = np.where(own, self.weight * CATEGORY_OWN_SHARE, self.weight)
        self.category_weight[copies] = 0.0
        self.own_weight = np.where(own & (self.category_weight > 0), self.weight, 0.0)
        found = Counter(sample.category for sample in samples if sample.category is not None)
        self.heads = (ILLICIT_HEAD, *sorted(c for c, n in found.items() if n >= CATEGORY_MIN))
        # A variant says what its text says; only a warning is a sample of its own.
        places = {id(sample): row for row, sample in enumerate(self.samples)}
        rows = [places[id(sample)] for sample in self.samples]
        unlike = sorted(set(rows))
        told = np.empty((len(self.samples), len(self.heads)), np.int8)
        told[unlike] = np.stack([labels([self.samples[row] for row in unlike], h) for h in self.heads], 1)
        self.labels = told[rows]

    def fit(self, learnt: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights and biases of two machines a head, learnt from some of the rows.

        First those that all texts teach, then those that own ones do.
        """
        svm = importlib.import_module("sklearn.svm").LinearSVC
        exceptions = importlib.import_module("sklearn.exceptions")
        machines = [(h, self.weight if h == ILLICIT_HEAD else self.category_weight) for h in self.heads]
        machines += [(h, self.own_weight) for h in self.heads]
        weights = np.zeros((len(machines), BUCKETS))
        biases = np.zeros(len(machines))
        for i, (head, weight) in enumerate(machines):
            label = self.labels[:, i % len(self.heads)]
            used = (label >= 0) & (weight > 0) & learnt
            # Two hundred texts of a category are worth as much as all others, or it is hardly ever likeliest.
            balance = None if head == ILLICIT_HEAD else "balanced"
            machine = svm(
                C=ILLICIT_MARGIN if head == ILLICIT_HEAD else MARGIN,
                dual=True,
                tol=TOLERANCE,
                max_iter=PASSES_MAX,
                class_weight=balance,
                random_state=SEED,
            )
            with warnings.catch_warnings():
                # That it is not exact is known: see PASSES_MAX.
                warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
                machine.fit(self.matrix[used], label[used], sample_weight=weight[used])
            weights[i], biases[i] = machine.coef_[0], machine.intercept_[0]
            print(f"  {head}: {label[used].sum()} against {(label[used] == 0).sum()}", file=sys.stderr)
        return weights, biases

    def folds(self, salt: str, count: int) -> NDArray[np.int64]:
        """Divide the rows, those of a cluster together."""
        return np.array([zlib.crc32(f"{salt}{s.cluster}".encode()) % count for s in self.samples])

    def unseen(self) -> NDArray[np.float64]:
        """Each row's margins by machines that learnt no row of its cluster."""
        fold = self.folds("fold", FOLDS)
        margins = np.empty((len(self.samples), 2 * len(self.heads)))
        for number in range(FOLDS):
            weights, biases = self.fit(fold != number)
            margins[fold == number] = self.matrix[fold == number] @ weights.T + biases
        return margins

    def mixing(
        self, unseen: NDArray[np.float64], learnt: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """By head, what every margin counts for its logit, and an offset, learnt from some of the rows."""
        original = np.arange(len(self.samples)) < self.originals
        source = np.array([sample.source for sample in self.samples])
        illicit_weight = np.where(source == "own", self.weight * MIXED_OWN_SHARE, self.weight)
        category_weight = np.where(original, [MIXED_CATEGORY_WEIGHTS.get(name, 0.0) for name in source], 0.0)
        shares = np.zeros((len(self.heads), 2 * len(self.heads)))
        offsets = np.zeros(len(self.heads))
        for i, head in enumerate(self.heads):
            label = self.labels[:, i]
            weight, penalty = category_weight, CATEGORY_PENALTY
            if head == ILLICIT_HEAD:
                weight, penalty = illicit_weight, ILLICIT_PENALTY
            used = (label >= 0) & (weight > 0) & learnt
            rare = 0.0 if head == ILLICIT_HEAD else MIXED_RARE
            shares[i], offsets[i] = mixed(unseen[used], label[used], weight[used], penalty=penalty, rare=rare)
        return shares, offsets


def labels(samples: Sequence[Sample], head: str) -> NDArray[np.int8]:
    """1 and 0 for a head, -1 for samples that say nothing about it."""
    return np.array([_label(sample, head) for sample in samples], np.int8)


def _label(sample: Sample, head: str) -> int:
    if head == ILLICIT_HEAD:
        if sample.illicit and sample.source in FILES and _CHINESE.search(sample.text) is None:
            # Numbers, links and syllables of another language: they are in anybody's messages.
            return -1
        return -1 if sample.illicit is None else int(sample.illicit)
    if _left_plain(sample) or sample.source == WARNING:
        return -1
    if sample.category == head:
        return 1
    if sample.category is None:
        # Legitimate, of no known category: no example of an illicit one.
        return 0 if sample.illicit is False and head in ILLICIT else -1
    same_group = FBS_GROUPS.get(sample.category) == FBS_GROUPS.get(head)
    return -1 if same_group else 0


def _left_plain(sample: Sample) -> bool:
    return sample.source == "nus_zh" and zlib.crc32(sample.id.encode()) % PERSONAL_SHARE != 0


if __name__ == "__main__":
    main()
