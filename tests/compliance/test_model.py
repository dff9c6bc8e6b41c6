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


def test_a_model_of_another_format_is_told_apart_and_what_to_do() -> None:
    file = io.BytesIO()
    np.savez(
        file, about=np.array('{"format": 1, "heads": ["illicit"]}'), weights=np.zeros(1), curves=np.zeros(1)
    )
    with pytest.raises(ModelError, match="of format 1, and format 2 is read: remove it"):
        load_model(io.BytesIO(file.getvalue()))


def test_the_shipped_model_knows_what_is_plain() -> None:
    model = shipped_model()
    scores = dict(zip(model.heads, model.scores([TEXTS[6][:60]])[0].tolist(), strict=True))
    assert scores[ILLICIT] > 0.5
    assert model.scores(["明天见，路上小心"])[0, model.heads.index(ILLICIT)] < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "123",
        "10086",
        "WOSL8755817768c04d05b88d8f3bd9a90b79-0-309-1",
        "Hello, see you tomorrow at 5",
        "Your code is 482913",
        "Your appointment with Dr Smith is confirmed for 5 May",
        "明天见 http://t.cn/RvPmYtd",
        "【顺丰】您的快递已到，详情 https://sf-express.com/t/123",
        "我在Starbucks等你",
        "您尾号7544卡1日12:22工商银行收入2,000元。【工商银行】",
    ],
)
def test_the_shipped_model_takes_no_number_link_or_latin_word_for_a_fraud(text: str) -> None:
    model = shipped_model()
    assert model.scores([text])[0, model.heads.index(ILLICIT)] < 0.3


def test_the_fewer_words_a_text_has_the_less_its_margin_is_moved(tmp_path: Path) -> None:
    # One bucket of weight 1 and length 1, all others nothing: a text of it alone is as sure of itself as
    # one of it and much else would be without DAMPING.
    number = features("你\n", "\n", 1).numbers.ravel()
    weights = np.zeros((2, BUCKETS), np.int8)
    weights[:, number[number != NOTHING]] = 100
    path = tmp_path / "one.npz"
    save_model(path, "one", [ILLICIT], weights, np.array([[1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]))
    with path.open("rb") as file:
        share = load_model(file).scores(["你"])[0, 0]
    assert share == pytest.approx(1 / (1 + np.exp(-100 / np.sqrt(100 + DAMPING))), abs=1e-3)
