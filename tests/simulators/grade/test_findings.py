from simulators.grade.catalog import BY_ID
from simulators.grade.conversation import KEPT_OCTETS_MAX
from simulators.grade.findings import FIRST_KEPT, LAST_KEPT, Example, Finding


def example_at(at: float, raw: bytes = b"") -> Example:
    return Example(at=at, connection=1, peer="p", system_id="bank", detail=f"number {at:g}", raw=raw)


def test_all_are_counted_and_the_first_and_the_last_are_kept() -> None:
    finding = Finding(BY_ID["sequence-zero"])
    for at in range(1_000):
        finding.add(example_at(float(at)))
    assert finding.count == 1_000
    assert (finding.first_at, finding.last_at) == (0.0, 999.0)
    assert [example.at for example in finding.examples] == [0.0, 1.0, 2.0, 998.0, 999.0]
    assert len(finding.examples) == FIRST_KEPT + LAST_KEPT


def test_of_a_long_pdu_only_the_beginning_is_kept() -> None:
    finding = Finding(BY_ID["sequence-zero"])
    finding.add(example_at(1.0, bytes(60_000)))
    assert len(finding.examples[0].raw) == KEPT_OCTETS_MAX


def test_without_a_pdu_there_are_no_fields() -> None:
    assert example_at(1.0).fields == []
