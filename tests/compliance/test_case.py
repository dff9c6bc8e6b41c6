from tests.compliance.subjects import case_of


def test_a_subject_does_not_show_its_text_or_numbers() -> None:
    case = case_of("【示例】秘密", account="bank", source="106900001")
    assert "秘密" not in repr(case.subject)
    assert "106900001" not in repr(case.subject)
