from smpp_router.compliance.rules.dlt import check_dlt
from tests.compliance.subjects import holds_for_its_cases


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_dlt,
        {
            "DLT_ENTITY_FOREIGN",
            "DLT_ENTITY_MISSING",
            "DLT_HEADER",
            "DLT_TEMPLATE_DIFFERS",
            "DLT_TEMPLATE_MISSING",
            "DLT_TEMPLATE_UNREGISTERED",
        },
    )
