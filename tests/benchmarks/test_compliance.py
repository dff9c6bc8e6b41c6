# Figures of the shipped model on held-out clusters, where the collected texts lie beside the checkout.
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from benchmarks.compliance.attacks import FILLERS, attacks
from benchmarks.compliance.corrections import contradicts
from benchmarks.compliance.data import ILLICIT, SHARED, blind_samples, own_samples, shared_samples, varied
from benchmarks.compliance.measure import DAY, LAYERS, evasion_figures, recall, screened, threshold
from benchmarks.compliance.mixing import mixed
from benchmarks.compliance.quoted import warnings_of
from benchmarks.compliance.report import report
from benchmarks.compliance.styles import linked, masked, realised
from benchmarks.compliance.train import CANARY, distinct, write_canary
from benchmarks.compliance.variants import harmless
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.model import shipped_model
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.views import light_view, shape_view
from smpp_router.compliance.warning_texts import only_warns
from smpp_router.lexicon_files import load_terms


def test_own_texts_are_many_of_each_side_and_leave_no_brace() -> None:
    samples = list(own_samples())
    assert sum(sample.illicit is True for sample in samples) > 500
    assert sum(sample.illicit is False for sample in samples) > 300
    assert {"crypto", "surrogacy", "job_scam", "notification"} <= {sample.category for sample in samples}
    assert not [sample.text for sample in samples if "{" in sample.text]
    sides = {sample.cluster: sample.held_out for sample in samples}
    assert all(sides[sample.cluster] == sample.held_out for sample in samples)


def test_own_texts_that_are_held_out_and_blind_ones_are_like_none_of_training() -> None:
    firsts = [sample for sample in own_samples() if sample.variant == 0]
    training = [_grams(sample.text) for sample in firsts if not sample.held_out]
    held_out = [*(sample for sample in firsts if sample.held_out), *blind_samples()]
    assert len(held_out) > 250
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, grams in enumerate(training):
        for gram in grams:
            having[gram].append(number)
    for sample in held_out:
        mine = _grams(sample.text)
        common = Counter[int]()
        for gram in mine:
            common.update(having.get(gram, ()))
        likest = max(((n / (len(mine) + len(training[i]) - n), i) for i, n in common.items()), default=(0, 0))
        assert likest[0] < 0.4, (sample.text, training[likest[1]])


def _grams(text: str) -> set[str]:
    view = shape_view(light_view(text))
    return {view[i : i + 3] for i in range(len(view) - 2)}


def test_the_canary_texts_are_the_own_ones(tmp_path: Path) -> None:
    write_canary(tmp_path / "canary.tsv")
    assert (tmp_path / "canary.tsv").read_text("utf-8") == CANARY.read_text("utf-8")


def test_the_report_of_the_shipped_model_is_of_this_model() -> None:
    model = shipped_model()
    written = CANARY.with_name("model.md").read_text("utf-8")
    assert model.version in written
    rows = report(model, list(own_samples()), "", "").splitlines()
    assert f"# Training report of {model.version}" in rows
    assert any(row.startswith("| own |") for row in rows)
    assert sum(row.startswith("| ") for row in rows) >= len(model.heads)


def test_warnings_quote_illicit_texts_without_their_links_and_contacts() -> None:
    training = [sample for sample in own_samples() if not sample.held_out]
    quoted = warnings_of(training, random.Random(1))
    assert len(quoted) > 1_000
    assert all(sample.illicit is False for sample, _ in quoted)
    assert not [text for _, text in quoted if "http" in text or ".com" in text]


def test_hardly_any_illicit_text_is_taken_for_a_warning() -> None:
    texts = [s.text for s in distinct([*shared_samples(), *own_samples()]) if s.illicit and s.variant == 0]
    assert len(texts) > 5_000
    assert sum(only_warns(light_view(text)) for text in texts) <= 4


def test_braces_are_filled() -> None:
    rng = random.Random(1)
    assert varied("{a|a} {4} {955}{2}", rng).split()[0] == "a"
    assert varied("{4}", rng).isdigit()
    assert len(varied("{4}", rng)) == 4


def test_views_undo_what_they_say_they_undo() -> None:
    text, rng = "无抵押贷款当天放款，加微信13800138000", random.Random(1)
    for number in (0, 1):
        families = attacks(number)
        assert len(families) >= 12
        for name in ("separators", "spaces", "invisible", "full width", "traditional", "emoji"):
            assert light_view(families[name](text, rng)).replace("亓", "元") == light_view(text), name


def test_masks_are_filled_and_set() -> None:
    rng = random.Random(1)
    assert "URL" not in realised("点 URL 领 DIGIT 元", rng)
    assert masked("点 http://a.cn 领。", rng) == "点 URL 领"


def test_a_label_is_left_out_only_where_its_text_contradicts_it() -> None:
    assert contradicts("sms80w_spam", "x_5", "建行旁的化妆品店优惠")
    assert not contradicts("sms80w_spam", "x_5", "建行卡号xxxxxxxxxxxxxxxxxxx")
    assert not contradicts("nus_zh", "zh", "贷款")


@pytest.mark.skipif(not SHARED.exists(), reason=f"the collected texts are not in {SHARED}")
def test_the_shipped_model_finds_what_it_is_said_to_find() -> None:
    samples = [s for s in distinct(list(shared_samples())) if s.held_out and s.illicit is not None]
    data = screened(TextScreen(Keywords(load_terms()), shipped_model(), DAY), samples)
    score = LAYERS["both"]
    assert recall(data, score, threshold(data, score, 0.001)) >= 0.90
    assert recall(data, score, threshold(data, score, 0.01)) >= 0.965
    assert len(ILLICIT) > 15


@pytest.mark.skipif(not SHARED.exists(), reason=f"the collected texts are not in {SHARED}")
def test_evasive_writing_hides_hardly_anything_from_the_shipped_model() -> None:
    samples = [s for s in distinct(list(shared_samples())) if s.held_out and s.illicit is not None]
    screen = TextScreen(Keywords(load_terms()), shipped_model(), DAY)
    figures = evasion_figures(screen, screened(screen, samples))
    plain = figures.pop("plain")["1.0%"]
    assert len(figures) >= 24
    lost = {family: plain - found["1.0%"] for family, found in figures.items()}
    assert max(share for family, share in lost.items() if "trained" in family) <= 0.02
    assert max(share for family, share in lost.items() if "unseen" in family) <= 0.03


def test_links_are_written_into_honest_texts_too() -> None:
    rng = random.Random(1)
    texts = [linked("明天见", rng) for _ in range(50)]
    assert all("明天见" in text and len(text) > len("明天见") + 3 for text in texts)
    assert len(set(texts)) > 40


def test_fillers_are_what_honest_people_write() -> None:
    legitimate = [sample for sample in own_samples() if sample.illicit is False]
    short, phrases = harmless(legitimate)
    assert len(short) > 100
    assert len(phrases) > 500
    assert not set(phrases) & set(FILLERS[1])


def test_a_logit_is_mixed_of_all_margins() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(1)
    margins = rng.normal(size=(4_000, 3))
    # The second margin tells, the first one only half, and the third nothing.
    label = (margins[:, 0] + 2 * margins[:, 1] + rng.normal(size=4_000) > 0).astype(np.int8)
    shares, offset = mixed(margins, label, np.ones(4_000), penalty=1e-6, rare=0.0)
    assert shares[1] > 1.5 * shares[0] > 5 * abs(shares[2])
    assert abs(offset) < 0.2
    rare_shares, rare_offset = mixed(margins, label, np.where(label, 0.1, 1.0), penalty=1e-6, rare=1.0)
    assert rare_offset == pytest.approx(offset, abs=0.3)
    assert rare_shares == pytest.approx(shares, abs=0.5)
