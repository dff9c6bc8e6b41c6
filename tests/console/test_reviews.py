"""Reviews over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from smpp_router.console.reviews import decision_of
from smpp_router.console.values import BadRequest
from smpp_router.store.reviews import read_reviews
from tests.console.screened import GOOD, HELD, screening
from tests.console.served import served
from tests.router_fixtures import NUMBER, message_ids, until

SAID = {"reviewer": "李四", "reason": "老客户的活动"}


async def test_a_held_message_is_shown_decided_about_once_and_goes_on(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api, api.world.esme("shop") as esme:
        (first, second) = message_ids(
            [*await esme.submit(NUMBER, HELD), *await esme.submit(NUMBER, HELD + "！")]
        )
        message_ids(await esme.submit(NUMBER, GOOD))
        listed = await api.get("/reviews")
        assert (listed["held"], [one["id"] for one in listed["reviews"]]) == (
            2,
            [first.decode(), second.decode()],
        )
        one = await api.get(f"/reviews/{first.decode()}")
        assert (one["text"], one["account"], one["finding"]) == (HELD, "shop", "UNSUBSCRIBE_MISSING")
        assert one["expires_at"] > listed["now"] > one["since"]
        (later,) = (await api.get("/reviews", after=first.decode(), limit=5))["reviews"]
        assert later["id"] == second.decode()
        said = await api.post(f"/reviews/{first.decode()}", SAID | {"decision": "accept"})
        assert said["decided"][0]["operator"] == "ops"
        await api.post(f"/reviews/{second.decode()}", SAID | {"decision": "refuse"})
        carrier = api.world.carrier()
        await until(
            lambda: carrier.counters.messages == 2, "the accepted message and the one that kept all rules"
        )
        assert [review.is_accepted for review in read_reviews(tmp_path)] == [True, False]
        again: Any = await api.refused(
            "POST", f"/reviews/{first.decode()}", json=SAID | {"decision": "refuse"}
        )
        assert again[0] == 409
        assert "not any more" in again[1]
        assert (await api.refused("GET", f"/reviews/{first.decode()}"))[0] == 404
        told = await api.get("/reviews/decided")
        assert [one["message_id"] for one in told["decided"]] == [second.decode(), first.decode()]
        assert told["lapsed"] == []
        assert (await api.get("/reviews"))["held"] == 0


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({}, "decision"),
        (SAID | {"decision": "maybe"}, "decision"),
        ({"decision": "accept", "reviewer": " ", "reason": "x"}, "reviewer"),
        ({"decision": "accept", "reviewer": "li"}, "reason"),
        ({"decision": "accept", "reviewer": "li", "reason": "x" * 501}, "reason"),
        (SAID | {"decision": "accept", "why": "x"}, "why"),
    ],
)
def test_a_decision_says_who_and_why(table: dict[str, Any], named: str) -> None:
    with pytest.raises(BadRequest, match=f"^{named}: ") as caught:
        decision_of(table, "ops")
    assert caught.value.status == 422


async def test_ids_that_are_none_and_a_router_that_holds_nothing_are_told(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api:
        assert (await api.refused("GET", "/reviews/x"))[0] == 422
        assert (await api.refused("POST", "/reviews/5", json=SAID | {"decision": "accept"}))[0] == 409
    async with served(tmp_path) as api:
        assert (await api.refused("GET", "/reviews"))[0] == 409
