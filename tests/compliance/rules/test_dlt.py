from smpp_router.compliance.rules.dlt import _shape, check_dlt
from tests.compliance.subjects import holds_for_its_cases


def test_many_variables_side_by_side_do_not_multiply() -> None:
    shape = _shape("Dear " + "{#var#}" * 12 + ". - Example Retail")
    assert shape.fit("Dear " + "x" * 360 + ". - Example Retail") is not None
    assert shape.fit("Dear " + "x" * 361 + ". - Example Retail") is None
    assert shape.fit("Dear " + "x" * 200 + "! - Example Retail") is None


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
