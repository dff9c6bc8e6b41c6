# What the layers find in texts that training never saw: held-out clusters, one text a light view, so that
# no template is on both sides. A threshold is always one of the legitimate texts' own scores; recall is
# what lies above it.
"""Figures of the layers: recall, F1, evasion, calibration."""

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from benchmarks.compliance.attacks import attacks
from benchmarks.compliance.data import FBS_GROUPS, Sample
from smpp_router.compliance.textscreen import TextFindings, TextScreen

FALSE_POSITIVES = (0.001, 0.01)
DAY = datetime.date(2026, 1, 1)
"""All terms of the package are valid on it."""
RESAMPLES = 400
FBS_MIN = 90
F1_MIN = 5
"""Held-out texts without which a class has no F1."""

Score = Callable[[TextFindings], float]
LAYERS: dict[str, Score] = {
    "lexicon alone": lambda found: found.keywords.score,
    "model alone": lambda found: found.model,
    "both": lambda found: found.illicit,
}


@attrs.define(eq=False)
class Screened:
    """Samples with what was found of them."""

    samples: list[Sample]
    found: list[TextFindings]

    def only(self, keep: Callable[[Sample], bool]) -> "Screened":
        """Return those samples that are kept."""
        kept = [pair for pair in zip(self.samples, self.found, strict=True) if keep(pair[0])]
        return Screened([sample for sample, _ in kept], [found for _, found in kept])


def screened(screen: TextScreen, samples: Sequence[Sample], texts: Sequence[str] | None = None) -> Screened:
    """Screen samples, or other texts in their places."""
    written = [sample.text for sample in samples] if texts is None else texts
    return Screened(list(samples), screen.screen(written, [""] * len(written), DAY))


def threshold(data: Screened, score: Score, share: float) -> float:
    """The score above which at most this share of the legitimate texts lies."""
    legitimate = sorted(
        (score(f) for s, f in zip(data.samples, data.found, strict=True) if s.illicit is False), reverse=True
    )
    return legitimate[int(len(legitimate) * share)]


def recall(data: Screened, score: Score, above: float) -> float:
    """The share of the illicit texts above a threshold."""
    scores = [score(f) for s, f in zip(data.samples, data.found, strict=True) if s.illicit]
    return sum(value > above for value in scores) / max(1, len(scores))


def recall_figures(data: Screened) -> dict[str, Any]:
    """Recall of each layer at each share of false positives, with 95 % intervals over clusters."""
    figures: dict[str, Any] = {}
    for layer, score in LAYERS.items():
        for share in FALSE_POSITIVES:
            value = recall(data, score, threshold(data, score, share))
            figures[f"{layer} at {share:.1%}"] = [value, *_interval(data, score, share)]
    return figures


def _interval(data: Screened, score: Score, share: float) -> tuple[float, float]:
    """Whole clusters are drawn again and again, thresholds too."""
    rng = np.random.default_rng(1)
    by_cluster: dict[tuple[bool, str], list[float]] = defaultdict(list)
    for sample, found in zip(data.samples, data.found, strict=True):
        if sample.illicit is not None:
            by_cluster[sample.illicit, sample.cluster].append(score(found))
    bad_clusters = [np.array(v) for (is_bad, _), v in by_cluster.items() if is_bad]
    good_clusters = [np.array(v) for (is_bad, _), v in by_cluster.items() if not is_bad]
    values: list[float] = []
    for _ in range(RESAMPLES):
        bad, good = _drawn(bad_clusters, rng), _drawn(good_clusters, rng)
        above = np.sort(good)[::-1][int(len(good) * share)]
        values.append(float((bad > above).mean()))
    low, high = np.quantile(values, (0.025, 0.975)).tolist()
    return low, high


def share_interval(data: Screened, *, illicit: bool, above: float) -> tuple[float, float]:
    """The 95 % interval, by drawing whole clusters, of the share of one side's texts at or above a score."""
    by_cluster: dict[str, list[float]] = defaultdict(list)
    for sample, found in zip(data.samples, data.found, strict=True):
        if sample.illicit is illicit:
            by_cluster[sample.cluster].append(found.illicit)
    clusters = [np.array(scores) for scores in by_cluster.values()]
    rng = np.random.default_rng(1)
    values = [float((_drawn(clusters, rng) >= above).mean()) for _ in range(RESAMPLES)]
    low, high = np.quantile(values, (0.025, 0.975)).tolist()
    return low, high


def _drawn(clusters: list[NDArray[np.float64]], rng: np.random.Generator) -> NDArray[np.float64]:
    picks: list[int] = rng.integers(0, len(clusters), len(clusters)).tolist()
    return np.concatenate([clusters[i] for i in picks])


def f1_figures(data: Screened, classes: Sequence[str]) -> dict[str, Any]:
    """F1 of each class of the fake base stations' spam by the likeliest category, and their mean."""
    fbs = data.only(lambda sample: sample.source == "fbs")
    truth = [sample.sub for sample in fbs.samples]
    guess = [likeliest_class(found.categories) for found in fbs.found]
    return f1_table(truth, guess, [name for name in classes if truth.count(name) >= F1_MIN])


def likeliest_class(categories: dict[str, float]) -> str:
    """The class of the likeliest category."""
    return FBS_GROUPS.get(max(categories, key=lambda name: categories[name]), "Other")


def f1_table(truth: Sequence[str], guess: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """F1 of classes with 95 % intervals by resampling, their mean, and the accuracy."""
    pairs = np.array([(classes.index(t) if t in classes else -1, classes.index(g) if g in classes else -1)
                      for t, g in zip(truth, guess, strict=True)])  # fmt: skip
    rng = np.random.default_rng(1)
    drawn = [_f1(pairs[rng.integers(0, len(pairs), len(pairs))], len(classes)) for _ in range(200)]
    exact = _f1(pairs, len(classes))
    low, high = np.nanquantile(np.array(drawn), (0.025, 0.975), axis=0)
    table: dict[str, Any] = {
        name: [exact[i], low[i], high[i], int((pairs[:, 0] == i).sum())] for i, name in enumerate(classes)
    }
    means = np.nanmean(np.array(drawn), axis=1)
    table["macro"] = [float(np.nanmean(exact)), *np.quantile(means, (0.025, 0.975)).tolist(), len(pairs)]
    return table


def _f1(pairs: NDArray[np.int64], count: int) -> list[float]:
    values: list[float] = []
    for i in range(count):
        hit = int(((pairs[:, 0] == i) & (pairs[:, 1] == i)).sum())
        wrong = int((pairs[:, 0] == i).sum()) + int((pairs[:, 1] == i).sum())
        values.append(2 * hit / wrong if (pairs[:, 0] == i).any() else float("nan"))
    return values


def fbs_classes(samples: Sequence[Sample]) -> list[str]:
    """The classes with FBS_MIN texts and more, counted as the source has them."""
    found = Counter(sample.sub for sample in samples if sample.source == "fbs")
    return sorted(name for name, count in found.items() if count >= FBS_MIN and name != "Other")


def evasion_figures(screen: TextScreen, data: Screened) -> dict[str, Any]:
    """Recall at the thresholds of the plain texts, when the illicit texts are written evasively."""
    illicit = [sample for sample in data.samples if sample.illicit]
    score = LAYERS["both"]
    figures: dict[str, Any] = {}
    above = {share: threshold(data, score, share) for share in FALSE_POSITIVES}
    figures["plain"] = {f"{share:.1%}": recall(data, score, value) for share, value in above.items()}
    for number, title in enumerate(("trained", "unseen")):
        for name, attack in attacks(number).items():
            rng = random.Random(f"{name}{number}")
            changed = screened(screen, illicit, [attack(sample.text, rng) for sample in illicit])
            figures[f"{name}, {title} table"] = {
                f"{share:.1%}": recall(changed, score, value) for share, value in above.items()
            }
    return figures


def calibration_error(data: Screened, score: Score, bins: int = 10) -> float:
    """The mean distance between what is said and what is so, over tenths of probability."""
    pairs = [
        (score(f), bool(s.illicit))
        for s, f in zip(data.samples, data.found, strict=True)
        if s.illicit is not None
    ]
    total = 0.0
    for i in range(bins):
        inside = [(p, y) for p, y in pairs if i / bins <= p < (i + 1) / bins or (i == bins - 1 and p == 1)]
        if inside:
            said = sum(p for p, _ in inside) / len(inside)
            total += abs(said - sum(y for _, y in inside) / len(inside)) * len(inside)
    return total / max(1, len(pairs))
