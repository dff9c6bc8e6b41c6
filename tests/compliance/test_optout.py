import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.optout import OptOuts, reply_word
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.message.consent import Consent

WORDS = ("R", "T", "TD", "N", "退订", "STOP")
NUMBER = "8613900000001"


def optouts() -> OptOuts:
    return OptOuts.of(WORDS, ("START",))


@pytest.mark.parametrize(
    "text",
    [
        *("R", "r", " td ", "ＴＤ", "退订。", "“退订”", "stop!", "Stop.", "T\r\n", "【退订】", "n"),
        *("Ｔ", "TD~", "-STOP-", "R\0", "\ufeffTD", "\u200bT\u200b", "退订…", "T。。。", "*td*", "R👎"),
        *("STOP please", "Please stop", "stop, thanks!", "STOP ALL", "退订，谢谢", "回复TD", "请回复R"),
        *("TD退订", "退订吧", "stop stop", "stop" + "!" * 300),
    ],
)
def test_a_refusal_is_understood_however_it_is_written(text: str) -> None:
    consent = optouts().heard("shop", NUMBER, text, 1.0)
    assert consent is not None
    assert consent.is_refusal


@pytest.mark.parametrize(
    "text",
    [
        *(
            "好的",
            "R你好",
            "不要退订",
            "1",
            "",
            "stop it please",
            "THANKS",
            "TDX",
            "T1",
            "R U there",
            "please",
        ),
        *("!", "\u200b", "STOPPED", "取消订单", "stop please " * 20, "不退订了"),
    ],
)
def test_another_answer_is_none(text: str) -> None:
    assert optouts().heard("shop", NUMBER, text, 1.0) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "退訂",
            "退訂！",
            "請退訂",
            "回覆退訂",
            "唔該退訂",
            "退訂唔該",
            "麻煩幫我取消訂閱，多謝",
            "取消訂閱",
            "取消订阅",
            "拒收",
        ),
        *(
            "拒收短訊",
            "拒絕接收",
            "停止接收",
            "不要再發",
            "别再发了",
            "不要再给我发短信了",
            "唔要",
            "唔好再發",
            "唔好再send",
            "唔想再收",
        ),
        *(
            "退 订",
            "退.订",
            "退\u200b訂",
            "ⓉⒹ",
            "Ｔ　Ｄ",
            "S T O P",
            "S.T.O.P",
            "𝗦𝗧𝗢𝗣",
            "ＳＴＯＰ　ｐｌｅａｓｅ",
            "退⃣订⃣",
        ),
    ],
)
def test_the_default_words_are_understood_in_other_writing_too(text: str) -> None:
    consent = OptOuts.of(ComplianceConfig().optout_words, ()).heard("shop", NUMBER, text, 1.0)
    assert consent is not None
    assert consent.is_refusal


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不要退訂",
            "我唔要退訂",
            "取消訂單",
            "取消預約",
            "如何退訂",
            "唔要呢個，要嗰個",
            "停止營業了嗎",
            "幾時再發貨",
            "拒收快递",
        ),
        *("多謝", "唔該", "T恤", "R 你好", "TDK", "N95", "TO D", "S T", "要", "1", "收到"),
    ],
)
def test_what_is_no_refusal_is_none_in_other_writing_either(text: str) -> None:
    assert OptOuts.of(ComplianceConfig().optout_words, ()).heard("shop", NUMBER, text, 1.0) is None


def test_consent_and_help_are_understood_in_other_writing_too() -> None:
    known = OptOuts.of(("退订",), ("恢复订阅",), ("帮助",))
    consent = known.heard("shop", NUMBER, "恢復訂閱", 1.0)
    assert consent is not None
    assert not consent.is_refusal
    assert known.asks_for_help("幫助！")
    assert known.asks_for_help("帮助")
    assert not known.asks_for_help("幫助我")


def test_a_word_without_letters_is_heard_only_where_it_stands() -> None:
    known = OptOuts.of(("👎", "!"), ())
    assert known.heard("shop", NUMBER, "👎", 1.0) is not None
    assert known.heard("shop", NUMBER, "", 1.0) is None
    assert known.heard("shop", NUMBER, "...", 1.0) is None
    assert OptOuts.of((), ()).heard("shop", NUMBER, "", 1.0) is None


def test_a_refusal_of_marketing_leaves_codes_and_other_accounts_alone() -> None:
    known = optouts()
    known.record(Consent(1.0, "shop", NUMBER, is_refusal=True))
    assert known.refusal("shop", NUMBER, "106900004", "marketing") is not None
    assert known.refusal("shop", NUMBER, "1069999", "marketing") is not None, "a renamed sender is the same"
    assert known.refusal("shop", NUMBER, "106900004", "verification") is None
    assert known.refusal("bank", NUMBER, "106900004", "marketing") is None
    assert known.refusal("shop", "8613900000002", "106900004", "marketing") is None


def test_a_refusal_of_one_source_or_of_everything() -> None:
    known = optouts()
    known.record(Consent(1.0, "shop", NUMBER, is_refusal=True, source_addr="10690"))
    assert known.refusal("shop", NUMBER, "107", "marketing") is None
    assert known.refusal("shop", NUMBER, "106900004", "marketing") is not None
    known.record(Consent(2.0, "shop", NUMBER, is_refusal=True, kind=""))
    assert known.refusal("shop", NUMBER, "1", "verification") is not None


def test_consent_again_ends_a_refusal() -> None:
    known = optouts()
    known.record(Consent(1.0, "shop", NUMBER, is_refusal=True))
    start = known.heard("shop", NUMBER, "start", 2.0)
    assert start is not None
    known.record(start)
    assert known.refusal("shop", NUMBER, "1", "marketing") is None
    assert known.count == 0


CONSENTS = st.lists(
    st.builds(
        Consent,
        at=st.floats(0, 100),
        account=st.sampled_from(["a", "b"]),
        number=st.sampled_from(["1", "2"]),
        is_refusal=st.booleans(),
        source_addr=st.sampled_from(["", "10"]),
        kind=st.sampled_from(["marketing", "member", ""]),
    )
)


def covers(scope: Consent, other: Consent) -> bool:
    return other.source_addr.startswith(scope.source_addr) and scope.kind in ("", other.kind)


@given(CONSENTS)
def test_a_refusal_holds_until_a_later_consent_covers_it(consents: list[Consent]) -> None:
    known = OptOuts.of(WORDS, ())
    for consent in consents:
        known.record(consent)
    holding = {
        (one.account, one.number, one.source_addr, one.kind)
        for at, one in enumerate(consents)
        if one.is_refusal
        and not any(
            not later.is_refusal
            and (later.account, later.number) == (one.account, one.number)
            and covers(later, one)
            for later in consents[at:]
        )
    }
    assert {(one.account, one.number, one.source_addr, one.kind) for one in known} == holding
    assert known.count == len(holding)


@given(
    st.builds(
        Consent,
        at=st.floats(0, 4e9),
        account=st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=15),
        number=st.text("0123456789", min_size=1, max_size=20),
        is_refusal=st.just(True),
        source_addr=st.text(max_size=20),
        kind=st.text(max_size=20),
        by=st.sampled_from(["mo", "api", "cli", "file"]),
        who=st.text(max_size=20),
        reason=st.text(max_size=40),
    )
)
def test_a_refusal_comes_out_as_it_was_said(consent: Consent) -> None:
    known = optouts()
    assert known.record(consent)
    assert known.standing(consent.account, consent.number) == [consent]
    assert list(known) == [consent]
    assert known.refusal(consent.account, consent.number, consent.source_addr, consent.kind) == consent


def test_no_word_that_stays_is_walked_over_by_the_collector_of_garbage() -> None:
    known = optouts()
    gc.collect()
    before = len(gc.get_objects())
    for number in range(2_000):
        known.record(Consent(float(number), "shop", str(number), is_refusal=True, by="file", reason="list"))
        known.record(Consent(float(number), "shop", str(number), is_refusal=True, kind="", reason="list"))
    assert len(gc.get_objects()) - before < 100
    assert known.count == 4_000


@given(st.text())
def test_any_reply_has_a_word(text: str) -> None:
    word = reply_word(text)
    assert reply_word(word) == word or len(word) <= 4 * len(text)
