"""The training report: what the shipped weights were made of, and what they find."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.compliance import train, variants
from benchmarks.compliance.data import Sample
from smpp_router.compliance.model import Model

SETTINGS = (
    "MARGIN", "ILLICIT_MARGIN", "PASSES_MAX", "TOLERANCE", "VARIANT_WEIGHT", "EVADED_WEIGHT",
    "EVADED_OTHER_WEIGHT", "OWN_SHARE", "OWN_VARIANT_SHARE", "CATEGORY_OWN_SHARE", "LINKED_SHARE", "FOLDS",
    "MIXED_OWN_SHARE", "MIXED_CATEGORY_WEIGHTS", "MIXED_RARE",
    "ILLICIT_PENALTY", "CATEGORY_PENALTY", "PERSONAL_SHARE", "SEED",
)  # fmt: skip
OF_VARIANTS = ("ILLICIT_VARIANTS", "WRAPPED_SHARE")


def report(model: Model, samples: Sequence[Sample], figures: str, made_with: str) -> str:
    """Markdown: version, texts, heads and settings of the training, and the figures as they were printed."""
    distinct = train.distinct(samples)
    sources = Counter((sample.source, sample.held_out) for sample in distinct)
    training = [sample for sample in distinct if not sample.held_out]
    heads = Counter(sample.category for sample in training)
    lines = [
        f"# Training report of {model.version}",
        "",
        "Made by `python -m benchmarks.compliance --report FILE`, after",
        f"`python -m benchmarks.compliance.train` with {made_with}.",
        "",
        "| source | texts of training | held out |",
        "|---|---|---|",
        *(
            f"| {source} | {sources[source, False]:,} | {sources[source, True]:,} |"
            for source in sorted({source for source, _ in sources})
        ),
        "",
        "One text a light view. Illicit, legitimate, not to be judged by (label left out or unknown): "
        + ", ".join(f"{sum(s.illicit is side for s in training):,}" for side in (True, False, None))
        + ".",
        "",
        "| head | texts of training |",
        "|---|---|",
        *(f"| {head} | {heads[head]:,} |" for head in model.heads if head in heads),
        "",
        "Settings: "
        + ", ".join(
            [f"{name} {getattr(train, name)}" for name in SETTINGS]
            + [f"{name} {getattr(variants, name)}" for name in OF_VARIANTS]
        )
        + ".",
        "",
        "```",
        figures,
        "```",
        "",
    ]
    return "\n".join(lines)
