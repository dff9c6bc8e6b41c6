# The daily update of the text model: a few passes over the new samples, each moving the weights of the
# n-grams that it has (logistic loss, a step against its gradient), between texts whose scores must stay
# what they are. A category that the model does not know gets a head of its own.
#
# It is no new training: it teaches what is new, at once. What it teaches is measured on samples that it
# was not shown, and on the canary texts, and `judge` says whether the result may replace what is in
# force.
"""Teaching a model new samples, and telling whether it got worse."""

import random
import zlib
from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.compliance.features import BUCKETS, NOTHING, features
from smpp_router.compliance.model import DAMPING, ILLICIT, Model
from smpp_router.compliance.views import light_view, shape_view, sound_view

PASSES: Final = 12
STEP: Final = 0.2
"""What a sample that is quite wrong moves its margin by, at first."""
ERROR_MIN: Final = 0.05
"""A sample that is as good as right teaches nothing more."""
NEW_HEAD_MIN: Final = 20
"""Samples that a new category needs: fewer say more of their senders than of the category."""
HELD_OUT_SHARE: Final = 5
"""One in so many templates is kept for measuring."""
NEW_SLOPE: Final = 4.0
RECALL_LOSS_MAX: Final = 0.005
"""Share of the illicit canary texts that may be lost."""


@attrs.frozen
class Labelled:
    """A text, whether it is illicit, and its category if one was given."""

    text: str
    illicit: bool
    category: str | None = None


@attrs.frozen(kw_only=True)
class Quality:
    """How a model does on some texts, at one threshold."""

    illicit: int
    legitimate: int
    caught: int
    false_alarms: int
    loss: float
    """Mean logistic loss: what a wrong or unsure answer costs."""

    @property
    def recall(self) -> float:
        """The share of the illicit texts that is caught."""
        return self.caught / self.illicit if self.illicit else 1.0


def held_out(samples: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Divide samples into those to learn and those to measure with; a template is on one side only."""
    sides: tuple[list[Labelled], list[Labelled]] = ([], [])
    for sample in samples:
        shape = shape_view(light_view(sample.text))
        sides[zlib.crc32(shape[:24].encode("utf-8", "surrogatepass")) % HELD_OUT_SHARE == 0].append(sample)
    return sides


def quality(model: Model, samples: Sequence[Labelled], threshold: float) -> Quality:
    """Measure a model."""
    if not samples:
        return Quality(illicit=0, legitimate=0, caught=0, false_alarms=0, loss=0.0)
    scores = model.scores([sample.text for sample in samples])[:, model.heads.index(ILLICIT)]
    truth = np.array([sample.illicit for sample in samples])
    sure = np.clip(np.where(truth, scores, 1 - scores), 1e-6, 1.0)
    return Quality(
        illicit=int(truth.sum()),
        legitimate=int((~truth).sum()),
        caught=int((scores[truth] >= threshold).sum()),
        false_alarms=int((scores[~truth] >= threshold).sum()),
        loss=float(-np.log(sure).mean()),
    )


def taught(model: Model, samples: Sequence[Labelled], anchors: Sequence[Labelled], seed: int = 1) -> Model:
    """Return a model that has learnt samples; `anchors` are texts whose scores should stay."""
    known = set(model.heads)
    counts: dict[str, int] = {}
    for sample in samples:
        if sample.category is not None and sample.category not in known:
            counts[sample.category] = counts.get(sample.category, 0) + 1
    new = sorted(name for name, count in counts.items() if count >= NEW_HEAD_MIN)
    heads = (*model.heads, *new)
    # By bucket, then by head: a step touches few buckets and all heads.
    weights = np.vstack((model.real_weights(), np.zeros((len(new), BUCKETS)))).T.copy()
    slopes = np.append(model.slopes, [NEW_SLOPE] * len(new))
    offsets = np.append(model.offsets, [0.0] * len(new))
    biases = np.append(model.biases, [-0.5] * len(new))
    stay = np.clip(model.scores([anchor.text for anchor in anchors]), 1e-4, 1 - 1e-4)
    rows = _rows([*(s.text for s in samples), *(a.text for a in anchors)])
    targets = np.full((len(rows), len(heads)), np.nan)
    for i, sample in enumerate(samples):
        targets[i] = _targets(sample, heads)
    targets[len(samples) :, : len(model.heads)] = stay
    targets[len(samples) :, len(model.heads) :] = 0.0
    squares = model.squares()
    order = list(range(len(rows)))
    rng = random.Random(seed)
    for turn in range(PASSES):
        rng.shuffle(order)
        rate = STEP / (1 + turn / 4)
        for i in order:
            buckets, times = rows[i]
            # What each n-gram has of the text's length: the margin moves by the rate times the error.
            share = squares[buckets]
            length = np.sqrt(float(share @ times) + DAMPING)
            logits = (times @ weights[buckets] / length + biases) * slopes + offsets
            error = 1 / (1 + np.exp(-np.clip(logits, -30, 30))) - targets[i]
            error[np.isnan(error) | (np.abs(error) < ERROR_MIN)] = 0.0
            if error.any():
                weights[buckets] -= (share / length)[:, None] * (rate * error)[None, :]
    weights = weights.T
    return model.changed(heads, weights, biases, slopes, offsets)


def _targets(sample: Labelled, heads: Sequence[str]) -> NDArray[np.float64]:
    row = np.full(len(heads), np.nan)
    row[heads.index(ILLICIT)] = float(sample.illicit)
    if sample.category in heads:
        row[[i for i, head in enumerate(heads) if head != ILLICIT]] = 0.0
        row[heads.index(sample.category)] = 1.0
    return row


def _rows(texts: Sequence[str]) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """The buckets of each text, and how often it has them."""
    rows: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for text in texts:
        shape = shape_view(light_view(text) + "\n")
        numbers = features(shape, sound_view(shape), 1).numbers
        buckets, times = np.unique(numbers[numbers != NOTHING], return_counts=True)
        rows.append((buckets, times.astype(np.float64)))
    return rows


def contradictions(samples: Sequence[Labelled], canary: Sequence[Labelled]) -> int:
    """How many samples are canary texts, but for their numbers and links, with the other label."""
    known = {shape_view(light_view(one.text)): one.illicit for one in canary}
    return sum(known.get(shape_view(light_view(one.text)), one.illicit) != one.illicit for one in samples)


def judge(before: Quality, after: Quality, canary_before: Quality, canary_after: Quality) -> list[str]:
    """Why a changed model may not replace the one before; nothing, if it may."""
    reasons: list[str] = []
    if after.loss > before.loss * 1.01 + 1e-6:
        reasons.append(
            f"the held-out samples are judged worse: loss {before.loss:.3f} before, {after.loss:.3f} after"
        )
    if after.caught < before.caught:
        reasons.append(
            f"{before.caught - after.caught} fewer of {after.illicit} illicit held-out samples are caught"
        )
    if after.false_alarms > before.false_alarms:
        reasons.append(
            f"{after.false_alarms - before.false_alarms} more of {after.legitimate} "
            "legitimate held-out samples are held"
        )
    if canary_after.false_alarms > canary_before.false_alarms:
        reasons.append(
            f"{canary_after.false_alarms - canary_before.false_alarms} more of {canary_after.legitimate} "
            "legitimate canary texts are held"
        )
    if canary_before.recall - canary_after.recall > RECALL_LOSS_MAX:
        reasons.append(
            f"of {canary_after.illicit} illicit canary texts {canary_after.recall:.1%} are caught, "
            f"{canary_before.recall:.1%} before"
        )
    return reasons
