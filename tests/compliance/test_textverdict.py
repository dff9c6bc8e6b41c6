from smpp_router.compliance.keywords import NOTHING_FOUND, KeywordFindings
from smpp_router.compliance.policy import Policy
from smpp_router.compliance.symbols import Symbol
from smpp_router.compliance.textscreen import TextFindings
from smpp_router.compliance.textverdict import TextJudge, Thresholds

JUDGE = TextJudge(policy=Policy(), versions=("lex", "model"), thresholds=Thresholds(refuse=0.9, hold=0.5))


def found(illicit: float, keywords: KeywordFindings = NOTHING_FOUND) -> TextFindings:
    return TextFindings(illicit, illicit, {"loan": illicit}, keywords, keywords.symbols)


def test_the_probability_decides_by_its_thresholds() -> None:
    assert [JUDGE.verdict(found(p)).action for p in (0.1, 0.5, 0.89, 0.9)] == [
        "accept",
        "hold",
        "hold",
        "refuse",
    ]


def test_a_term_asks_for_its_action_by_itself() -> None:
    symbol = Symbol("TERM_X", 1.0, "why")
    verdict = JUDGE.verdict(found(0.1, KeywordFindings(1.0, ("hold", symbol), (symbol,))))
    assert (verdict.action, verdict.decisive, verdict.reason) == ("hold", symbol, "why")


def test_the_severest_of_all_findings_decides() -> None:
    verdict = JUDGE.verdict(found(0.6), further=[Symbol("SIGNATURE_MISSING", 0.0, "no signature")])
    assert (verdict.action, verdict.reason) == ("refuse", "no signature")


def test_a_verdict_tells_what_it_was_made_with() -> None:
    verdict = JUDGE.verdict(found(0.25))
    assert (verdict.lexicon_version, verdict.model_version) == ("lex", "model")
    assert (verdict.illicit, verdict.categories) == (0.25, (("loan", 0.25),))
