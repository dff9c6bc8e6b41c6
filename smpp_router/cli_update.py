# `smpp-router lexicon update`: a day's labelled samples and terms, taken in as one change or not at all.
"""The daily update of an operator's folder."""

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any, Final, cast

from smpp_router.compliance.keywords import Keywords, findings
from smpp_router.compliance.learning import (
    Labelled,
    Quality,
    contradictions,
    held_out,
    judge,
    quality,
    taught,
)
from smpp_router.compliance.lexicon import LexiconError, Term, read_terms
from smpp_router.compliance.model import Model, ModelError
from smpp_router.compliance.symbols import ACTIONS
from smpp_router.compliance.views import light_view, shape_view, sound_view
from smpp_router.lexicon_files import (
    LOCAL_FILE,
    MODEL_FILE,
    canary_texts,
    compile_folder,
    folder_files,
    load_terms,
    load_text_model,
    put_aside,
    replace,
    shipped_files,
    with_terms,
)

EXIT_OK: Final = 0
EXIT_BAD: Final = 1
THRESHOLD: Final = 0.85
"""From where a text is held: what counts as caught here."""
SAMPLES_MIN: Final = 10
ILLICIT_WORDS: Final = frozenset({"illicit", "spam", "bad", "1", "true", "True"})
LEGITIMATE_WORDS: Final = frozenset({"legitimate", "legit", "ham", "good", "0", "false", "False"})


def run(options: argparse.Namespace, now: str) -> int:
    """Take samples and terms in, if nothing gets worse by it."""
    folder: Path = options.folder
    samples = read_samples(options.samples)
    new_terms = [] if options.terms is None else read_terms([(str(options.terms), _text(options.terms))])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        model = load_text_model(folder)
    except ModelError as error:
        print(error, file=sys.stderr)
        return EXIT_BAD
    before = load_terms(folder)
    text, after = _terms_after(folder, new_terms)
    canary = canary_texts()
    learnt, kept = held_out(samples)
    # Half of the canary texts hold the model where it is, the other half is for measuring only.
    changed = taught(model, learnt, canary[::2])
    figures = [quality(one, texts, THRESHOLD) for texts in (kept, canary[1::2]) for one in (model, changed)]
    _show(len(learnt), figures, model, changed)
    reasons = judge(*figures)
    wrong = contradictions(samples, canary)
    if wrong:
        reasons.append(f"{wrong} samples are canary texts with the other label")
    legitimate = [one.text for one in (*canary, *samples) if not one.illicit]
    worse = worse_terms(before, after, legitimate)
    reasons += [f"{term!r} would hold {count} legitimate texts" for term, count in worse.items()]
    if reasons:
        print("Nothing was changed:", *reasons, sep="\n  ", file=sys.stderr)
        return EXIT_BAD
    if options.dry_run:
        print("nothing is worse; nothing was changed, as you asked")
        return EXIT_OK
    version = put_aside(folder, now, f"update with {len(samples)} samples and {len(new_terms)} terms")
    if new_terms:
        replace(folder / LOCAL_FILE, text.encode())
    file = io.BytesIO()
    changed.save(file)
    replace(folder / MODEL_FILE, file.getvalue())
    compile_folder(folder)
    print(f"{changed.version} is in force; what was before is version {version.number}")
    return EXIT_OK


def read_samples(path: Path) -> list[Labelled]:
    """Read labelled samples.

    Raises:
        LexiconError: with every line that is none.
    """
    samples: list[Labelled] = []
    problems: list[str] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line.strip():
            sample = _sample(line)
            if isinstance(sample, str):
                problems.append(f"{path}:{number}: {sample}")
            else:
                samples.append(sample)
    if not problems and len(samples) < SAMPLES_MIN:
        problems.append(f"{path}: {len(samples)} samples, at least {SAMPLES_MIN} are needed")
    if problems:
        raise LexiconError(problems)
    return samples


def _sample(line: bytes) -> Labelled | str:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"[:200]
    if not isinstance(row, dict):
        return "not a JSON object"
    values = cast("dict[str, Any]", row)
    text, label, category = values.get("text"), str(values.get("label")), values.get("category")
    if not isinstance(text, str) or not light_view(text):
        return "text: missing, or nothing in it is seen"
    if label not in ILLICIT_WORDS | LEGITIMATE_WORDS:
        return "label: must be illicit or legitimate"
    if category is not None and not (isinstance(category, str) and category.replace("_", "").isalnum()):
        return "category: must be a name of letters, digits and _"
    return Labelled(text, label in ILLICIT_WORDS, category)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LexiconError([f"{path}: is not UTF-8, from byte {error.start} on"]) from error


def _terms_after(folder: Path, new: list[Term]) -> tuple[str, list[Term]]:
    """The folder's own file with the new terms, and all terms as they will be read."""
    path = folder / LOCAL_FILE
    text = with_terms(path.read_text("utf-8-sig") if path.exists() else "", new)
    others = [(name, body) for name, body in folder_files(folder) if Path(name) != path]
    return text, read_terms([*shipped_files(), *sorted([*others, (str(path), text)])])


def worse_terms(before: list[Term], after: list[Term], legitimate: list[str]) -> dict[str, int]:
    """New terms that would hold or refuse legitimate texts, and how many each."""
    known = {term.key for term in before}
    severe = [t for t in after if t.key not in known and ACTIONS.index(t.action) >= ACTIONS.index("hold")]
    if not severe:
        return {}
    lights = "".join(light_view(text) + "\n" for text in legitimate)
    found = Keywords(severe).hits(lights, sound_view(shape_view(lights)), len(legitimate))
    wrong: dict[str, int] = {}
    for text, hits in zip(legitimate, found, strict=True):
        for hit in hits:
            if findings(text, [hit], "", hit.term.valid_from).symbols:
                wrong[hit.term.term] = wrong.get(hit.term.term, 0) + 1
    return dict(sorted(wrong.items()))


def _show(learnt: int, figures: list[Quality], model: Model, changed: Model) -> None:
    new = [head for head in changed.heads if head not in model.heads]
    print(f"learnt {learnt:,} samples" + (f", new categories: {', '.join(new)}" if new else ""))
    print(f"{'':24}{'before':>20}{'after':>20}")
    for name, (before, after) in (("held-out samples", figures[:2]), ("canary texts", figures[2:])):
        rows = [
            ("illicit caught", *(f"{q.caught:,} of {q.illicit:,}" for q in (before, after))),
            ("legitimate held", *(f"{q.false_alarms:,} of {q.legitimate:,}" for q in (before, after))),
            ("loss", *(f"{q.loss:.3f}" for q in (before, after))),
        ]
        print(name)
        for title, *values in rows:
            print(f"  {title:22}" + "".join(f"{value:>20}" for value in values))
