import io
import random
from pathlib import Path

import numpy as np
import pytest

from smpp_router.compliance.features import BUCKETS, NOTHING, features
from smpp_router.compliance.model import (
    DAMPING,
    ILLICIT,
    Model,
    ModelError,
    load_model,
    save_model,
    shipped_model,
)
from smpp_router.compliance.views import light_view, light_views, shape_view, sound_view

TEXTS = [
    "【招商银行】您尾号4118的信用卡14日15:15消费人民币4,028.40元",
    "代开发票，真票保真，加V信13800138000",
    "",
    "好的",
    "明天几点",
    "\ud800\x00",
    "尊敬的用户您的积分可兑换现金请登录 http://icbc-cc.com " * 40,
    "x" * 5_000,
]


def a_model(tmp_path: Path, heads: int = 3) -> Model:
    rng = np.random.default_rng(1)
    weights = rng.integers(-127, 128, (heads + 1, BUCKETS)).astype(np.int8)
    weights[-1] = np.abs(weights[-1])
    curves = np.tile([0.01, -0.5, 2.0, 0.1], (heads + 1, 1))
    path = tmp_path / "m.npz"
    save_model(path, "test", [ILLICIT, *(f"c{i}" for i in range(1, heads))], weights, curves)
    with path.open("rb") as file:
        return load_model(file)


def test_a_text_has_the_same_scores_bit_by_bit_in_any_batch(tmp_path: Path) -> None:
    model = a_model(tmp_path, heads=6)
    alone = {text: model.scores([text])[0].tobytes() for text in TEXTS}
    rng = random.Random(3)
    for _ in range(20):
        batch = rng.choices(TEXTS, k=rng.randint(1, 80))
        assert [row.tobytes() for row in model.scores(batch)] == [alone[text] for text in batch]


def test_scores_are_what_the_weights_say(tmp_path: Path) -> None:
    # The same sums in floating point, by head, one feature after another.
    model = a_model(tmp_path)
    for text in TEXTS:
        shape = shape_view(light_view(text) + "\n")
        numbers = features(shape, sound_view(shape), 1).numbers
        lanes = model.words.view("<u2").astype(np.float64) - 128
        sums = lanes[numbers[numbers != NOTHING]].sum(0)[:4]
        margins = sums[:3] * 0.01 / np.sqrt(sums[3] * 0.01 + DAMPING) - 0.5
        expected = 1 / (1 + np.exp(-(margins * 2 + 0.1)))
        assert model.scores([text])[0] == pytest.approx(expected, abs=3e-4)


def test_shares_are_the_scores(tmp_path: Path) -> None:
    model = a_model(tmp_path)
    shapes = shape_view(light_views(TEXTS))
    shares = model.shares_of_views(shapes, sound_view(shapes), len(TEXTS))
    assert shares == model.scores(TEXTS).tolist()


def test_no_texts_have_no_scores(tmp_path: Path) -> None:
    assert a_model(tmp_path).scores([]).shape == (0, 3)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04N.", b"nonsense"])
def test_a_file_that_is_no_model_is_told_apart(data: bytes) -> None:
    with pytest.raises(ModelError):
        load_model(io.BytesIO(data))


def test_the_shipped_model_knows_what_is_plain() -> None:
    model = shipped_model()
    scores = dict(zip(model.heads, model.scores([TEXTS[6][:60]])[0].tolist(), strict=True))
    assert scores[ILLICIT] > 0.5
    assert model.scores(["明天见，路上小心"])[0, model.heads.index(ILLICIT)] < 0.1
