from smpp_router.compliance.rules.impersonation import check_impersonation
from tests.compliance.subjects import case_of, holds_for_its_cases, names


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_impersonation,
        {
            "IMPERSONATION",
            "IMPERSONATION_GRAVE",
        },
    )


def test_a_sender_may_call_itself_by_its_registered_name() -> None:
    own = "【示例银行】示例银行提醒您：账单已出"
    other = "【示例银行】工商快递提醒您：包裹已到"
    assert names(check_impersonation(case_of(own, "bank", "notification"))) == set()
    courier = case_of("【示例速运】示例速运通知：包裹已到", "courier", "logistics")
    assert names(check_impersonation(courier)) == set()
    assert names(check_impersonation(case_of(other, "bank", "notification"))) == {"IMPERSONATION"}
