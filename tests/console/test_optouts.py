"""Opt-outs over HTTP: in force at once, durable, told."""

import gc
import weakref
from pathlib import Path

import attrs
import pytest
import trio

from smpp_router.compliance.policy import OPTED_OUT
from smpp_router.console.optouts import IMPORT_OCTETS_MAX, SLICE
from smpp_router.core.screening import Screening
from smpp_router.message.consent import Consent
from smpp_router.store.consents import read_consents
from tests.console.screened import GOOD, screening
from tests.console.served import Served, served
from tests.router_fixtures import NUMBER

OTHER = "8613900000002"
ONE = {"number": f"+{NUMBER}", "account": "shop"}


async def status_of(api: Served, number: str = NUMBER) -> int:
    async with api.world.esme("shop") as esme:
        (answer,) = await esme.submit(number, GOOD)
        return answer.command_status


async def test_a_refusal_holds_once_it_is_answered_and_until_consent_comes_again(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api:
        assert await status_of(api) == 0
        said = await api.post("/optouts/add", ONE | {"reason": "电话投诉"})
        assert (said["changed"], said["before"], len(said["after"])) == (True, [], 1)
        assert list(read_consents(tmp_path)) != [], "it is durable when it is answered"
        assert await status_of(api) == OPTED_OUT
        assert await status_of(api, OTHER) == 0
        listed = await api.get("/optouts", number=NUMBER)
        (row,) = listed["optouts"]
        assert listed["count"] == 1
        assert (row["number"], row["category"], row["by"], row["who"]) == (NUMBER, "marketing", "api", "ops")
        back = await api.post("/optouts/remove", ONE | {"reason": "签了新合同"})
        assert (back["changed"], back["after"]) == (True, [])
        assert await status_of(api) == 0
        words = (await api.get("/optouts/audit", number=NUMBER))["words"]
        assert [(word["state"], len(word["before"]), word["reason"]) for word in words] == [
            ("consented", 1, "签了新合同"),
            ("refused", 0, "电话投诉"),
        ]


async def test_all_that_is_wrong_with_a_refusal_is_told(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api:
        answer = await api.client.post("/optouts/add", json={"number": "x", "account": "nobody"})
        assert answer.status_code == 422
        assert answer.json() == {
            "error": "number: must be 3 to 20 digits in international form",
            "details": ["account: there is no account nobody"],
        }
        assert (await api.refused("POST", "/optouts/add", json=ONE | {"state": "x"}))[0] == 422
        assert (await api.refused("GET", "/optouts?number=x"))[0] == 422
        assert await api.get("/optouts") == {"count": 0, "optouts": []}


async def test_a_file_is_taken_whole_or_not_at_all_and_comes_out_again(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api:
        good = f"number,category,reason\n{NUMBER},,\n{OTHER},*,按客户要求\n"
        bad = good + "abc,,\n"
        answer = await api.client.post("/optouts/import?account=shop", content=bad)
        assert answer.status_code == 422
        assert answer.json()["error"] == "1 mistake; nothing was imported"
        assert answer.json()["details"] == ["line 4: number: must be 3 to 20 digits in international form"]
        assert await status_of(api) == 0
        assert list(read_consents(tmp_path)) == []
        answer = await api.client.post("/optouts/import?account=shop&reason=nightly", content=good)
        assert answer.json() == {"lines": 2, "added": 2, "removed": 0, "unchanged": 0}
        assert await status_of(api) == OPTED_OUT
        assert (tmp_path / "consents.log").read_bytes().count(b"\n") == 1, "a crash leaves all or nothing"
        again = await api.client.post("/optouts/import?account=shop", content=good)
        assert again.json() == {"lines": 2, "added": 0, "removed": 0, "unchanged": 2}
        out = await api.client.get("/optouts/export?format=jsonl&number=" + OTHER)
        assert out.headers["content-type"] == "application/x-ndjson"
        assert '"category": "*"' in out.text
        csv = (await api.client.get("/optouts/export")).text
        assert csv.startswith("number,account,")
        assert f"{OTHER},shop,,*,refused," in csv
        assert "nightly" in csv


class Steps(trio.abc.Instrument):
    """Counts what is done between two moments at which others get their turn."""

    now = 0
    most = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002 - as trio calls it
        self.now = 0

    def did(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)


async def test_a_large_file_is_gone_by_in_small_steps_and_still_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps()
    heed = Screening.heed

    def counted(screening: Screening, consent: Consent) -> bool:
        steps.did()
        return heed(screening, consent)

    monkeypatch.setattr(Screening, "heed", counted)
    numbers = [f"86139{number:08d}" for number in range(1_000 + SLICE // 2)]
    many = "number,state\n" + "".join(f"{number},\n" for number in numbers)
    trio.lowlevel.add_instrument(steps)
    async with served(tmp_path, **screening()) as api:

        async def load(content: str) -> object:
            return (await api.client.post("/optouts/import?account=shop", content=content)).json()

        none = {"lines": len(numbers), "added": 0, "removed": 0, "unchanged": 0}
        assert await load(many) == none | {"added": len(numbers)}
        assert await load(many) == none | {"unchanged": len(numbers)}
        assert steps.most == SLICE
        assert (tmp_path / "consents.log").read_bytes().count(b"\n") == 1
        assert [consent.number for consent in read_consents(tmp_path)] == numbers, "in their order"
        back = many.replace(",\n", ",consented\n")
        assert await load(back) == none | {"removed": len(numbers)}
        assert (await api.get("/optouts"))["count"] == 0
        # The last word of a number counts, in one file, too.
        assert await load(f"number,state\n{OTHER},\n{OTHER},consented\n{OTHER},refused\n") == {
            "lines": 3, "added": 2, "removed": 1, "unchanged": 0,
        }  # fmt: skip
        assert (await api.get("/optouts"))["count"] == 1
    assert gc.isenabled()


class Knot:
    """Refers to itself: only the collector of garbage gets rid of it."""

    def __init__(self) -> None:
        self.itself = self


async def test_an_import_hides_nothing_from_the_collector_of_garbage(tmp_path: Path) -> None:
    many = "number\n" + "".join(f"86139{number:08d}\n" for number in range(3_000))
    async with served(tmp_path, **screening()) as api:
        frozen = gc.get_freeze_count()
        held = [Knot(), Knot()]
        dead, dying = map(weakref.ref, held)
        del held[0]
        answer = await api.client.post("/optouts/import?account=shop", content=many)
        assert answer.json()["added"] == 3_000
        assert gc.get_freeze_count() == frozen
        held.clear()
        gc.collect()
        assert dead() is None
        assert dying() is None


async def test_the_collector_is_away_until_the_last_of_two_imports_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    were_enabled: list[bool] = []
    heed = Screening.heed

    def watched(screening: Screening, consent: Consent) -> bool:
        were_enabled.append(gc.isenabled())
        return heed(screening, consent)

    monkeypatch.setattr(Screening, "heed", watched)
    async with served(tmp_path, **screening()) as api:

        async def load(first: int) -> None:
            many = "number\n" + "".join(f"86139{number:08d}\n" for number in range(first, first + 1_000))
            await api.client.post("/optouts/import?account=shop", content=many)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(load, 0)
            nursery.start_soon(load, 1_000)
    assert were_enabled == [False] * 2_000
    assert gc.isenabled()


async def test_what_a_recipient_says_while_a_file_is_gone_by_holds_after_a_restart_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heed = Screening.heed
    async with served(tmp_path, **screening()) as api:
        exchange = api.world.running.exchange

        def interrupted(screening: Screening, consent: Consent) -> bool:
            is_changed = heed(screening, consent)
            if consent.by == "file" and consent.number == NUMBER:
                assert screening.consent(attrs.evolve(consent, is_refusal=True, by="mo"), exchange.commit)
            return is_changed

        await api.post("/optouts/add", ONE)
        with monkeypatch.context() as patch:
            patch.setattr(Screening, "heed", interrupted)
            file = f"number,state\n{NUMBER},consented\n{OTHER},refused\n"
            answer = await api.client.post("/optouts/import?account=shop", content=file)
            assert answer.json() == {"lines": 2, "added": 1, "removed": 1, "unchanged": 0}
        assert exchange.screening is not None
        assert exchange.screening.meanwhile is None
        assert await status_of(api) == OPTED_OUT
    async with served(tmp_path, **screening()) as api:
        assert await status_of(api) == OPTED_OUT


async def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api:
        answer = await api.client.post("/optouts/import", content=bytes(IMPORT_OCTETS_MAX + 1))
        assert answer.status_code == 413


async def test_without_compliance_there_is_nothing_to_hold_to(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        status, why = await api.refused("POST", "/optouts/add", json=ONE)
        assert status == 409
        assert "[compliance]" in why


@pytest.mark.parametrize("category", ["*", "marketing"])
async def test_a_refusal_outlives_the_router(tmp_path: Path, category: str) -> None:
    async with served(tmp_path, **screening()) as api:
        await api.post("/optouts/add", ONE | {"category": category})
    async with served(tmp_path, **screening()) as api:
        assert await status_of(api) == OPTED_OUT
