import json

from smpp_router.core.statistics import statistics
from tests.core.talk import Talk


def test_a_snapshot_counts_what_happened_and_gives_away_nothing() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(b"8613900000001", short_message=b"my secret")
    esme.submit(b"8613900000001")
    talk.settle()
    link.accept(b"77")
    talk.settle()
    link.receipt(b"77")
    talk.settle()
    snapshot = statistics(talk.exchange)
    assert snapshot["in_flight"] == 1
    assert snapshot["ended"] == {"DELIVERED": 1}
    assert snapshot["accounts"]["bank"]["accepted"] == 2
    assert snapshot["accounts"]["bank"]["delivered"] == 1
    assert snapshot["carriers"]["mobile"]["taken"] == 1
    assert snapshot["carriers"]["mobile"]["is_up"]
    assert not snapshot["carriers"]["unicom"]["is_up"]
    told = json.dumps(snapshot)
    assert "8613900000001" not in told
    assert "my secret" not in told
