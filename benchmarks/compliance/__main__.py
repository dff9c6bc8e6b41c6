# Without the shared texts beside the checkout only speed can be measured; that is said, and the rest left
# out.
"""`python -m benchmarks.compliance`: what screening finds, and what it costs."""

import argparse
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import attrs

from benchmarks.compliance.campaigns import campaign_figures
from benchmarks.compliance.cross import cross_figures
from benchmarks.compliance.data import (
    BLIND,
    ILLICIT,
    SHARED,
    Sample,
    blind_samples,
    own_samples,
    shared_samples,
)
from benchmarks.compliance.latency import figures as latency_figures
from benchmarks.compliance.latency import swap_figures
from benchmarks.compliance.measure import (
    DAY,
    Screened,
    calibration_error,
    evasion_figures,
    f1_figures,
    fbs_classes,
    recall_figures,
    screened,
    share_interval,
)
from benchmarks.compliance.report import report
from benchmarks.compliance.train import distinct
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.lexicon import Term
from smpp_router.compliance.model import Model, shipped_model
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.lexicon_files import load_terms

HOLD = 0.85
"""From where the router holds a text, if nobody says otherwise."""
OTHER_HOLDS = (0.70, 0.90)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compliance", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--cross", action="store_true", help="F1 by five machines of the collected texts, too"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the model's training report, too")
    options = parser.parse_args()
    terms, model = load_terms(), shipped_model()
    result: dict[str, Any] = {}
    samples = list(shared_samples())
    if samples:
        result |= _found(terms, model, samples)
        if options.cross:
            result["F1 by cross-validation over clusters"] = cross_figures(samples)
    else:
        result["left out"] = f"no texts in {SHARED}: only speed is measured"
    # Speed is of a machine and an hour, not of a model.
    if options.report:
        made_with = " and ".join(f"{name} {version(name)}" for name in ("scikit-learn", "numpy"))
        text = report(model, [*samples, *own_samples()], _shown(result), made_with)
        options.report.write_text(text, "utf-8")
    if samples:
        result |= _aside(terms, model, samples)
    texts = [sample.text for sample in (samples or own_samples()) if len(sample.text) >= 40][:6400]
    result["CPU us a message"] = latency_figures(terms, model, texts)
    result["lexicon swap"] = swap_figures(terms, model, texts)
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else _shown(result))


def _found(terms: Sequence[Term], model: Model, samples: Sequence[Sample]) -> dict[str, Any]:
    screen = TextScreen(Keywords(terms), model, DAY)
    kept = [sample for sample in distinct(samples) if sample.held_out]
    data = screened(screen, kept)
    labelled = Screened([_as_labelled(sample) for sample in kept], data.found)
    blind = screened(screen, list(blind_samples()))
    own = screened(screen, [sample for sample in own_samples() if sample.held_out])
    return {
        "held out": {
            "illicit": sum(sample.illicit is True for sample in kept),
            "legitimate": sum(sample.illicit is False for sample in kept),
            "labels left out": sum(sample.suspect for sample in kept),
        },
        "recall, cleaned": recall_figures(data),
        "recall, as labelled": recall_figures(labelled),
        "calibration error": calibration_error(data, lambda found: found.illicit),
        "own texts held out": _held(own),
        "texts that only judge": {
            name: _held(blind.only(lambda sample, name=name: sample.source == name)) for name in BLIND
        },
        "F1 on held-out clusters": f1_figures(data, fbs_classes(samples)),
        "recall under evasion": evasion_figures(screen, data),
        "campaigns": campaign_figures(samples),
    }


def _aside(terms: Sequence[Term], model: Model, samples: Sequence[Sample]) -> dict[str, Any]:
    """What the report leaves out: other thresholds, the order, likeliest categories."""
    screen = TextScreen(Keywords(terms), model, DAY)
    blind = screened(screen, list(blind_samples()))
    own = screened(screen, [sample for sample in own_samples() if sample.held_out])
    private = screened(
        screen, [sample for sample in distinct(samples) if sample.held_out and sample.source == "nus_zh"]
    )
    right = [f.likeliest[0] == s.category for s, f in zip(own.samples, own.found, strict=True)]
    return {
        "texts that only judge, more": {
            name: _order(blind.only(lambda sample, name=name: sample.source == name)) for name in BLIND
        },
        "own texts held out, likeliest category right": sum(right) / len(right),
        "private messages held out": {
            "all": len(private.found),
            "an illicit category is the likeliest": sum(f.likeliest[0] in ILLICIT for f in private.found),
            "held": sum(f.illicit >= HOLD for f in private.found),
        },
    }


def _held(data: Screened) -> dict[str, Any]:
    return {"illicit held": _share(data, illicit=True), "legitimate held": _share(data, illicit=False)}


def _order(data: Screened) -> dict[str, Any]:
    illicit, legitimate = ([f.illicit for s, f in zip(data.samples, data.found, strict=True)
                            if s.illicit is side] for side in (True, False))  # fmt: skip
    in_order = sum(one > other for one in illicit for other in legitimate)
    return {
        f"held at {held:.2f}, illicit and legitimate": [
            sum(score >= held for score in side) / len(side) for side in (illicit, legitimate)
        ]
        for held in OTHER_HOLDS
    } | {"pairs of both in order": in_order / (len(illicit) * len(legitimate))}


def _as_labelled(sample: Sample) -> Sample:
    return attrs.evolve(sample, illicit=sample.labelled_illicit)


def _share(data: Screened, *, illicit: bool) -> list[float]:
    scores = [f.illicit for s, f in zip(data.samples, data.found, strict=True) if s.illicit is illicit]
    held = [score >= HOLD for score in scores]
    return [sum(held) / max(1, len(held)), *share_interval(data, illicit=illicit, above=HOLD), len(held)]


def _shown(value: dict[str, Any], depth: int = 0) -> str:
    lines: list[str] = []
    for name, part in value.items():
        pad = "  " * depth
        if isinstance(part, dict):
            lines += (f"{pad}{name}", _shown(cast("dict[str, Any]", part), depth + 1))
        else:
            parts = cast("list[Any]", part) if isinstance(part, list) else [part]
            lines.append(f"{pad}{name:38} " + "  ".join(map(_figure, parts)))
    return "\n".join(lines)


def _figure(value: Any) -> str:
    return f"{value:8.3f}" if isinstance(value, float) else f"{value!s:>8}"


if __name__ == "__main__":
    main()
