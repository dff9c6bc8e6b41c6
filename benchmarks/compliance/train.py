# Trains the text model that the router ships:
#
#   python -m benchmarks.compliance.train     needs the shared texts and `pip install .[train]`; some minutes
#
# 1. One text per light view (copies teach nothing), the held-out clusters left aside.
# 2. Each text as it is, and in another source's manner (styles.py). For the illicit head also written
# evasively (attacks.py, table 0), and illicit ones quoted in a warning (quoted.py).
# 3. tf-idf over the hashed n-grams of the router's own views, and one linear support vector machine a
# head. Categories of one group that come from different sources are not set against each other.
# 4. Curves from margins to probabilities on an eighth of the training clusters, for machines that did not
# see them; then machines of all training clusters with these curves, in 8 bits a weight.
#
# The same seeds, data and versions give the same file.
"""`python -m benchmarks.compliance.train`: the text model, trained anew."""

import argparse
import importlib
import random
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from benchmarks.compliance.attacks import attacks
from benchmarks.compliance.data import FBS_GROUPS, ILLICIT, Sample, own_samples, shared_samples
from benchmarks.compliance.quoted import SOURCE as WARNING
from benchmarks.compliance.quoted import warnings_of
from benchmarks.compliance.styles import crossed_out, masked, realised
from smpp_router.compliance.features import BUCKETS, features
from smpp_router.compliance.model import ILLICIT as ILLICIT_HEAD
from smpp_router.compliance.model import packable, save_model
from smpp_router.compliance.views import light_view, light_views, shape_view, sound_view

CANARY = Path(__file__).parents[2] / "smpp_router" / "compliance" / "canary.tsv"
TARGET = Path(__file__).parents[2] / "smpp_router" / "compliance" / "model.npz"
SEED = 20240501
PERSONAL = "personal"
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
OWN_WEIGHT = 4.0
"""Of an own text when the curve of `illicit` is fitted: of today's texts their own are more like them."""
CATEGORY_OWN_WEIGHT = 0.5
"""The same when the curves of categories are."""
PERSONAL_WEIGHT = 0.05
"""Of a private message when the curves of categories are fitted: they are half of the collection."""
PERSONAL_RARER = 2.0
"""What is taken from the logit of `personal`: in bulk traffic it is some seven times as rare."""
PERSONAL_SHARE = 3
"""One in so many private messages is written otherwise and set against categories: they are half of all
texts, and far from all of them."""
CANARY_VARIANTS = 1
"""Texts of an own line that the daily update is measured on."""


@attrs.frozen(kw_only=True, eq=False)
class Trained:
    """Real-valued heads: weights by head and bucket, what a feature counts for the length, biases, curves."""

    heads: tuple[str, ...]
    weights: NDArray[np.float64]
    squares: NDArray[np.float64]
    biases: NDArray[np.float64]
    curves: NDArray[np.float64]
    """By head: slope and offset."""


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description="Train the text model anew.")
    parser.add_argument("--target", type=Path, default=TARGET, metavar="FILE")
    parser.add_argument("--name", default="text-5")
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
    data = _Data(samples)
    aside = np.array([zlib.crc32(sample.cluster.encode()) % 8 == 0 for sample in data.samples])
    curves = data.curves(*data.fit(~aside), aside)
    weights, biases = data.fit(np.ones_like(aside))
    return Trained(
        heads=data.heads,
        weights=weights * data.idf,
        squares=data.idf**2,
        biases=biases,
        curves=curves,
    )


def write(trained: Trained, target: Path, name: str) -> None:
    """Write heads with 8 bits a weight."""
    slopes, offsets = trained.curves.T
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


class _Data:
    """Samples and their variants as a matrix, with each head's labels."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        sparse = importlib.import_module("scipy.sparse")
        rng = random.Random(SEED)
        texts = [sample.text for sample in samples]
        originals = counts(texts)
        document_counts = np.bincount(originals.indices, minlength=BUCKETS)
        self.idf: NDArray[np.float64] = np.log((1 + len(texts)) / (1 + document_counts)) + 1
        written = [(sample, _restyled(sample, rng)) for sample in samples if not _left_plain(sample)]
        evasive = _evaded(written, rng)
        variants = [*written, *evasive, *warnings_of(samples, random.Random(SEED))]
        matrix = sparse.vstack([originals, counts([text for _, text in variants])]).tocsr()
        # tf-idf, each row divided by the length that the router computes for it.
        lengths = np.sqrt(np.maximum(matrix @ self.idf**2, 1.0))
        self.matrix = (sparse.diags(1 / lengths) @ matrix @ sparse.diags(self.idf)).tocsr()
        self.samples = [*samples, *(sample for sample, _ in variants)]
        self.originals = len(samples)
        own = np.array([sample.source == "own" for sample in self.samples])
        evaded = slice(len(samples) + len(written), len(samples) + len(written) + len(evasive))
        self.weight = np.full(len(self.samples), VARIANT_WEIGHT)
        self.weight[evaded] = [EVADED_WEIGHT if s.illicit else EVADED_OTHER_WEIGHT for s, _ in evasive]
        self.weight[own] *= OWN_VARIANT_SHARE
        self.weight[: len(samples)] = np.where(own[: len(samples)], OWN_SHARE, 1.0)
        self.category_weight = np.where(own, self.weight * CATEGORY_OWN_SHARE, self.weight)
        self.category_weight[evaded] = 0.0
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
        """Weights and biases of each head, learnt from some of the rows."""
        svm = importlib.import_module("sklearn.svm").LinearSVC
        exceptions = importlib.import_module("sklearn.exceptions")
        weights = np.zeros((len(self.heads), BUCKETS))
        biases = np.zeros(len(self.heads))
        for i, head in enumerate(self.heads):
            label = self.labels[:, i]
            weight = self.weight if head == ILLICIT_HEAD else self.category_weight
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
            print(f"  {head}: {label[used].sum()} against {(label[used] == 0).sum()}", flush=True)
        return weights, biases

    def curves(
        self, weights: NDArray[np.float64], biases: NDArray[np.float64], aside: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Fit a slope and an offset for each head on texts as they are, of rows that were not learnt from."""
        logistic = importlib.import_module("sklearn.linear_model").LogisticRegression
        rows = np.flatnonzero(aside[: self.originals])
        samples = [self.samples[row] for row in rows]
        margins = self.matrix[rows] @ weights.T + biases
        illicit_weight = np.array([OWN_WEIGHT if sample.source == "own" else 1.0 for sample in samples])
        shares = {"own": CATEGORY_OWN_WEIGHT, "nus_zh": PERSONAL_WEIGHT}
        category_weight = np.array([shares.get(sample.source, 1.0) for sample in samples])
        result = np.zeros((len(self.heads), 2))
        for i, head in enumerate(self.heads):
            label = labels(samples, head)
            used = label >= 0
            if len(set(label[used].tolist())) < 2:
                result[i] = (4.0, 0.0)
                continue
            weight = illicit_weight if head == ILLICIT_HEAD else category_weight
            curve = logistic(C=100.0).fit(margins[used, i : i + 1], label[used], sample_weight=weight[used])
            result[i] = (curve.coef_[0, 0], curve.intercept_[0])
            if head == PERSONAL:
                result[i, 1] -= PERSONAL_RARER
        return result


def labels(samples: Sequence[Sample], head: str) -> NDArray[np.int8]:
    """1 and 0 for a head, -1 for samples that say nothing about it."""
    return np.array([_label(sample, head) for sample in samples], np.int8)


def _label(sample: Sample, head: str) -> int:
    if head == ILLICIT_HEAD:
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


# Views undo the other families: nothing could be learnt of them.
HARD = {
    "homophones": 3, "split characters": 1, "rare characters": 3, "pinyin": 1, "filler": 2, "order": 3,
    "mixed": 2,
}  # fmt: skip
"""How often each is chosen: what is hardest to see through, most often."""
ILLICIT_VARIANTS = 6
WRAPPED_SHARE = 0.15
"""Of the illicit copies, between harmless texts; all of those with fillers."""


def _evaded(written: Sequence[tuple[Sample, str]], rng: random.Random) -> list[tuple[Sample, str]]:
    """Evasive variants: six of an illicit text, some of them between harmless ones; one of others."""
    families = attacks(0)
    names, shares = list(HARD), list(HARD.values())
    harmless = [sample.text for sample, _ in written if sample.illicit is False and len(sample.text) < 30]
    result: list[tuple[Sample, str]] = []
    for sample, styled in written:
        for _ in range(ILLICIT_VARIANTS if sample.illicit else 1):
            name = rng.choices(names, shares)[0]
            text = families[name](rng.choice((sample.text, styled)), rng)
            if sample.illicit and (name == "filler" or rng.random() < WRAPPED_SHARE):
                before, after = rng.choice(harmless), rng.choice(harmless)
                wrapped = before + text + after
                text = rng.choice((text + after, before + text, wrapped, wrapped))
            result.append((sample, text))
    return result


def _restyled(sample: Sample, rng: random.Random) -> str:
    if sample.source in ("fbs", "sms80w_spam"):
        return realised(sample.text, rng)
    return masked(sample.text, rng) if rng.random() < 0.7 else crossed_out(sample.text)


if __name__ == "__main__":
    main()
