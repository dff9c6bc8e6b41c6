from smpp_router.compliance.rules.government import check_government
from tests.compliance.subjects import holds_for_its_cases


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_government,
        {"AGENCY_UNREGISTERED", "FILING_FOREIGN", "FILING_MISSING", "GOVERNMENT_UNSUBSCRIBE", "MARK_MISSING"},
    )
