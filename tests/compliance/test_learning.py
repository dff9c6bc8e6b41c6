import random
from functools import cache

from smpp_router.compliance.learning import (
    Labelled,
    Quality,
    contradictions,
    held_out,
    judge,
    quality,
    taught,
)
from smpp_router.compliance.model import ILLICIT, Model, shipped_model

ANCHORS = [
    Labelled(text, illicit=False)
    for text in (
        "【招商银行】您尾号4118的卡消费300元",
        "明天几点上课",
        "您的验证码是123456",
        "包裹已到驿站，凭码取件",
    )
]


def samples() -> list[Labelled]:
    rng = random.Random(1)
    fraud = ["飞燕助农卡激活费{}元请联系", "领取飞燕助农补贴{}元加客服", "您的飞燕助农卡已制好先付{}元"]
    plain = ["明天{}点开会", "【快递】取件码{}"]
    made = [Labelled(rng.choice(fraud).format(rng.randint(1, 999)), True, "farm_card") for _ in range(40)]
    return made + [Labelled(rng.choice(plain).format(rng.randint(1, 999)), False) for _ in range(20)]


@cache
def learnt() -> Model:
    return taught(shipped_model(), samples(), ANCHORS)


def test_a_category_that_was_never_seen_is_learnt_from_samples() -> None:
    model = learnt()
    scores = dict(zip(model.heads, model.scores(["飞燕助农卡补贴到了，先付88元"])[0].tolist(), strict=True))
    before = shipped_model()
    assert "farm_card" in model.heads
    assert "farm_card" not in before.heads
    assert scores["farm_card"] > 0.75
    assert scores[ILLICIT] > 0.4


def test_what_was_known_stays_known() -> None:
    texts = [anchor.text for anchor in ANCHORS]
    before, after = shipped_model().scores(texts), learnt().scores(texts)
    assert abs(before - after[:, : before.shape[1]]).max() < 0.1


def test_teaching_is_repeatable() -> None:
    assert taught(shipped_model(), samples(), ANCHORS).version == learnt().version


def test_a_template_is_learnt_or_measured_never_both() -> None:
    many = [
        Labelled(f"您好{c}这是同一个模板的短信内容说的是同一件事情编号{i}", True)
        for c in "甲乙丙丁戊己庚辛"
        for i in range(9)
    ]
    learn, measure = held_out(many)
    assert len(learn) + len(measure) == len(many)
    assert {sample.text[2] for sample in learn}.isdisjoint({sample.text[2] for sample in measure})


def test_a_sample_that_contradicts_a_canary_text_is_counted() -> None:
    sample = [
        Labelled("【招商银行】您尾号9999的卡消费1元", illicit=True),
        Labelled("明天几点上课", illicit=False),
    ]
    assert contradictions(sample, ANCHORS) == 1


def test_quality_counts_at_the_threshold() -> None:
    found = quality(learnt(), samples(), 0.5)
    assert (found.illicit, found.legitimate, found.false_alarms) == (40, 20, 0)
    assert found.recall > 0.9
    assert quality(learnt(), [], 0.5).recall == 1.0


def test_a_model_that_is_worse_at_anything_is_told_so() -> None:
    good = Quality(illicit=100, legitimate=100, caught=90, false_alarms=1, loss=0.2)
    fewer = Quality(illicit=100, legitimate=100, caught=80, false_alarms=1, loss=0.2)
    alarms = Quality(illicit=100, legitimate=100, caught=90, false_alarms=2, loss=0.2)
    unsure = Quality(illicit=100, legitimate=100, caught=90, false_alarms=1, loss=0.3)
    assert judge(good, good, good, good) == []
    assert "10 fewer of 100 illicit held-out" in judge(good, fewer, good, good)[0]
    assert "1 more of 100 legitimate held-out" in judge(good, alarms, good, good)[0]
    assert "judged worse" in judge(good, unsure, good, good)[0]
    assert "80.0% are caught" in judge(good, good, good, fewer)[0]
    assert "canary texts are held" in judge(good, good, good, alarms)[0]
