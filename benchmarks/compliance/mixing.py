# A machine's margin does not tell all that is known: what looks like an advertisement of a shop and of a
# telephone company is rarely a fraud. So a head's logit is a logistic regression on all machines' margins.
"""Logits from the margins of all machines."""

import importlib

import numpy as np
from numpy.typing import NDArray

STEPS_MAX = 500


def mixed(
    margins: NDArray[np.float64],
    label: NDArray[np.int8],
    weight: NDArray[np.float64],
    *,
    penalty: float,
    rare: float,
) -> tuple[NDArray[np.float64], float]:
    """What each margin counts for a logit, and an offset.

    `penalty` is that of the shares' squares beside the mean loss; `rare` is the power of the odds against the
    label by which its texts are made heavier: 0 leaves probabilities as frequent as labels are.
    """
    logistic = importlib.import_module("sklearn.linear_model").LogisticRegression
    mine = label == 1
    weight = np.where(mine, weight * (weight[~mine].sum() / weight[mine].sum()) ** rare, weight)
    strength = 1 / (penalty * weight.sum())
    fitted = logistic(C=strength, max_iter=STEPS_MAX).fit(margins, label, sample_weight=weight)
    return fitted.coef_[0], float(fitted.intercept_[0])
