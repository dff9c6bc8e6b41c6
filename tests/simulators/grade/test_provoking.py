from simulators.grade.provoking import EVERY_S, PAUSE_S, SOON, Provoker, provoking_profile
from smpp_router.wire.multipart import part_of
from tests.simulators.grade.wires import START


def test_the_profile_is_difficult_in_ways_that_smpp_allows() -> None:
    profile = provoking_profile(0)
    assert profile.window_max == 10
    assert set(profile.errors) == {"ESME_RTHROTTLED", "ESME_RMSGQFUL"}
    anomalies = profile.anomalies
    assert anomalies.early
    assert anomalies.duplicated
    # What SMPP does not allow is no fault of the client's.
    assert not anomalies.withheld
    assert not anomalies.unasked


def test_messages_come_regularly_of_every_kind() -> None:
    provoker = Provoker()
    assert provoker.due(START) == []
    pdus = [pdu for turn in range(1, 7) for pdu in provoker.due(START + turn * EVERY_S)]
    assert len(pdus) == 6
    assert {pdu.data_coding for pdu in pdus} == {0, 8}
    assert b"" in [pdu.short_message for pdu in pdus]
    assert sum(part_of(pdu) is not None for pdu in pdus) == 2


def test_after_some_messages_there_is_silence() -> None:
    provoker = Provoker()
    provoker.due(START)
    moments = [now for now in range(1, 600) if provoker.due(START + now)]
    assert len(moments) > SOON
    assert moments[SOON] - moments[SOON - 1] == PAUSE_S
