"""The HTTP API, asked by its own client, over sockets."""

import http.client
import io
from pathlib import Path
from typing import Any

import pytest
import trio

from simulators.control.asking import BODY_OCTETS_MAX
from simulators.control.client import ControlClient, Refused
from simulators.esme import open_esme
from simulators.profile import SimulatedAccount
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import text_of
from tests.simulators.control.captures import conversations
from tests.simulators.control.controlled import Controlled, controlled, in_thread, profile


def bound(line: Controlled) -> Any:
    return open_esme("127.0.0.1", line.port, "bank", "secret")


async def refused(line: Controlled, *arguments: Any, **query: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        await line.ask(*arguments, **query)
    return caught.value.status, str(caught.value)


# ---------------------------------------------------------------------- state


async def test_the_state_shows_carriers_binds_and_counts() -> None:
    async with controlled() as line, bound(line) as esme:
        await esme.submit("8613900000001", "hello")
        (carrier,) = (await line.ask("GET", "/carriers"))["carriers"]
        assert (carrier["name"], carrier["port"], carrier["is_up"]) == ("mobile", line.port, True)
        assert [bind["system_id"] for bind in carrier["binds"]] == ["bank"]
        assert carrier["statistics"]["messages"] == 1


async def test_the_profile_shows_every_key_and_no_password() -> None:
    async with controlled() as line:
        one = await line.ask("GET", "/carriers/mobile")
        assert one["profile"]["response_s"] == 0.0
        (account,) = one["profile"]["accounts"]
        assert account["system_id"] == "bank"
        assert "password" not in account
        assert "secret" not in str(one)


async def test_the_index_names_the_routes_and_an_unknown_carrier_is_named() -> None:
    async with controlled() as line:
        assert "POST /carriers/{name}/wait" in (await line.ask("GET", "/"))["routes"]
        assert await refused(line, "GET", "/carriers/other") == (404, "no carrier other; there are mobile")
        assert (await refused(line, "GET", "/nothing"))[0] == 404
        assert (await refused(line, "DELETE", "/carriers"))[0] == 405


# ---------------------------------------------------------------------- orders


async def test_behaviour_changes_while_the_carrier_runs() -> None:
    async with controlled() as line, bound(line) as esme:
        answer = await line.ask("PATCH", "/carriers/mobile", {"errors": {"ESME_RSYSERR": 1.0}})
        assert answer["changed"] == {"errors": {"ESME_RSYSERR": 1.0}}
        (resp,) = await esme.submit("8613900000001", "hello")
        assert resp.command_status == c.ESME_RSYSERR


async def test_a_key_that_is_wrong_is_named_and_nothing_is_changed() -> None:
    async with controlled() as line:
        status, why = await refused(line, "PATCH", "/carriers/mobile", {"window_max": 5, "no_such_key": 1})
        assert (status, "no_such_key" in why) == (422, True)
        status, why = await refused(line, "PATCH", "/carriers/mobile", {"window_max": 0})
        assert (status, "window_max" in why) == (422, True)
        assert line.server.carriers["mobile"].profile.window_max == 10_000


async def test_a_message_from_a_handset_reaches_the_client_in_parts_if_it_is_long() -> None:
    async with controlled() as line, bound(line) as esme:
        table = {"source": "8613900000001", "destination": "10690", "text": "退订"}
        assert await line.ask("POST", "/carriers/mobile/inject", table) == {
            "carrier": "mobile",
            "system_id": "bank",
            "parts": 1,
        }
        got = await esme.deliveries.receive()
        assert (got.source_addr, got.destination_addr, text_of(got)) == (b"8613900000001", b"10690", "退订")
        answer = await line.ask("POST", "/carriers/mobile/inject", table | {"text": "x" * 200})
        assert answer["parts"] == 2
        assert [text_of(await esme.deliveries.receive()) for _ in range(2)] == ["x" * 153, "x" * 47]


async def test_a_message_from_a_handset_goes_to_the_account_that_its_number_belongs_to() -> None:
    accounts = (SimulatedAccount(system_id="shop"), SimulatedAccount(system_id="bank", password="secret"))
    carrier = profile(accounts=accounts, mo_routes={"10": "shop", "10690": "bank"})
    async with controlled(carrier) as line, bound(line) as esme:
        table = {"source": "8613900000001", "destination": "106901", "text": "TD"}
        assert (await line.ask("POST", "/carriers/mobile/inject", table))["system_id"] == "bank"
        assert text_of(await esme.deliveries.receive()) == "TD"
        other = await line.ask("POST", "/carriers/mobile/inject", table | {"destination": "1010"})
        assert other["system_id"] == "shop"


async def test_what_cannot_be_injected_is_refused_with_its_reason() -> None:
    async with controlled() as line:
        table = {"source": "1", "destination": "2", "text": "x", "system_id": "nobody"}
        assert await refused(line, "POST", "/carriers/mobile/inject", table) == (
            422,
            "system_id: one of bank",
        )


async def test_a_carrier_is_taken_down_and_brought_up() -> None:
    async with controlled() as line:
        port = line.port
        async with bound(line) as esme:
            assert (await line.ask("POST", "/carriers/mobile/down"))["is_up"] is False
            with trio.fail_after(5.0):
                assert [delivery async for delivery in esme.deliveries] == []
        with pytest.raises(OSError, match=r"refused|connect"):
            await trio.open_tcp_stream("127.0.0.1", port)
        assert (await line.ask("POST", "/carriers/mobile/up"))["is_up"] is True
        async with bound(line) as esme:
            (resp,) = await esme.submit("8613900000001", "hello")
            assert resp.command_status == c.ESME_ROK


async def test_disconnect_closes_connections_and_leaves_the_port() -> None:
    async with controlled() as line:
        async with bound(line) as esme:
            await line.ask("POST", "/carriers/mobile/disconnect", {"how": "close"})
            with trio.fail_after(5.0):
                assert [delivery async for delivery in esme.deliveries] == []
        async with bound(line):
            pass
        status, why = await refused(line, "POST", "/carriers/mobile/disconnect", {"how": "gently"})
        assert (status, why.startswith("how:")) == (422, True)


async def test_reset_counts_from_nothing() -> None:
    async with controlled() as line, bound(line) as esme:
        await esme.submit("8613900000001", "hello")
        await line.ask("POST", "/reset", {"arrivals": False})
        (carrier,) = (await line.ask("GET", "/carriers"))["carriers"]
        assert carrier["statistics"]["submits"] == carrier["statistics"]["deliveries_sent"] == 0
        assert (await line.ask("GET", "/pdus"))["pdus"] == []
        assert len((await line.ask("GET", "/carriers/mobile/arrivals"))["arrivals"]) == 1
        await line.ask("POST", "/reset")
        assert (await line.ask("GET", "/carriers/mobile/arrivals"))["arrivals"] == []


# ---------------------------------------------------------------------- what arrived


async def test_arrivals_are_found_by_what_they_are() -> None:
    async with controlled() as line, bound(line) as esme:
        for number, text in enumerate(("one", "two", "three")):
            await esme.submit(f"861390000000{number}", text)
        everything = (await line.ask("GET", "/carriers/mobile/arrivals"))["arrivals"]
        assert [one["text"] for one in everything] == ["one", "two", "three"]
        assert everything[0]["command_status"] == "ESME_ROK"
        by_text = await line.ask("GET", "/carriers/mobile/arrivals", text="wo")
        assert [one["destinations"] for one in by_text["arrivals"]] == [["8613900000001"]]
        latest = await line.ask("GET", "/carriers/mobile/arrivals", destination="86139*", limit=1)
        assert [one["text"] for one in latest["arrivals"]] == ["three"]
        assert (await refused(line, "GET", "/carriers/mobile/arrivals", txt="x"))[0] == 422


async def test_a_wait_ends_as_soon_as_enough_have_come() -> None:
    async with controlled() as line, bound(line) as esme, trio.open_nursery() as nursery:
        answers: list[dict[str, Any]] = []
        has_come = trio.Event()

        async def wait() -> None:
            answers.append(await line.ask("POST", "/carriers/mobile/wait", {"count": 2, "text": "yes"}))
            has_come.set()

        nursery.start_soon(wait)
        for text in ("yes 1", "no", "yes 2", "yes 3"):
            await esme.submit("8613900000001", text)
        with trio.fail_after(10.0):
            await has_come.wait()
        assert answers[0]["is_met"]
        assert [one["text"] for one in answers[0]["arrivals"]] == ["yes 1", "yes 2"]


async def test_a_wait_that_is_not_met_ends_with_what_there_is() -> None:
    async with controlled() as line, bound(line) as esme:
        await esme.submit("8613900000001", "one")
        answer = await line.ask("POST", "/carriers/mobile/wait", {"count": 2, "timeout_s": 0.05})
        assert (answer["is_met"], answer["count"]) == (False, 1)


async def test_no_more_wait_side_by_side_than_are_allowed_and_a_wait_ends_with_its_client() -> None:
    async def waits(line: Controlled, count: int) -> None:
        with trio.fail_after(20.0):
            while (await line.ask("GET", "/carriers"))["waits"] != count:
                pass

    async with controlled(waits_max=1) as line:
        stream = await trio.open_tcp_stream("127.0.0.1", int(line.url.rpartition(":")[2]))
        body = b'{"timeout_s": 3600}'
        head = b"POST /carriers/mobile/wait HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        await stream.send_all(head % len(body) + body)
        await waits(line, 1)
        order = ("POST", "/carriers/mobile/wait", {"timeout_s": 0})
        assert await refused(line, *order) == (409, "no more than 1 requests may wait")
        await stream.aclose()
        await waits(line, 0)
        assert not (await line.ask(*order))["is_met"]


async def test_a_carrier_that_keeps_no_arrivals_says_so() -> None:
    async with controlled(profile(keep_arrivals=0)) as line:
        status, why = await refused(line, "GET", "/carriers/mobile/arrivals")
        assert (status, "keep_arrivals" in why) == (409, True)


# ---------------------------------------------------------------------- what passed


async def test_pdus_are_given_decoded_and_by_kind() -> None:
    async with controlled() as line, bound(line) as esme:
        await esme.submit("8613900000001", "hello")
        pdus = (await line.ask("GET", "/pdus"))["pdus"]
        commands = [pdu["command"] for pdu in pdus]
        assert commands[:4] == ["bind_transceiver", "bind_transceiver_resp", "submit_sm", "submit_sm_resp"]
        assert "secret" not in str(pdus)
        (submit,) = (await line.ask("GET", "/pdus", command="submit_sm"))["pdus"]
        assert submit["fields"]["text"] == "hello"
        later = await line.ask("GET", "/pdus", after=submit["number"], is_from_peer="false", limit=1)
        assert len(later["pdus"]) == 1
        assert (await refused(line, "GET", "/pdus", after="soon"))[0] == 422


async def test_the_capture_can_be_loaded_down_and_is_written_to_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "capture.pcap"
    async with controlled(capture_file=str(file)) as line, bound(line) as esme:
        await esme.submit("8613900000001", "hello")
        loaded = io.BytesIO()
        client = ControlClient(line.url)
        octets = await in_thread(client.save, "/capture.pcap", {}, loaded)
        assert octets == len(loaded.getvalue())
        ((_, carrier),) = conversations(loaded.getvalue())
        assert carrier == ("127.0.0.1", line.port)
        nothing = io.BytesIO()
        await in_thread(client.save, "/capture.pcap", {"carrier": "other"}, nothing)
        assert conversations(nothing.getvalue()) == {}
    ((from_peer, _, _),) = conversations(file.read_bytes()).values()
    assert b"hello" in from_peer


# ---------------------------------------------------------------------- who may ask


async def test_a_token_is_asked_for_if_there_is_one() -> None:
    async with controlled(token="open sesame") as line:
        assert (await line.ask("GET", "/carriers"))["carriers"]
        for token in ("", "closed"):
            line.token = token
            assert (await refused(line, "GET", "/carriers"))[0] == 401


async def test_a_page_in_a_browser_is_not_answered() -> None:
    def browse(port: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/reset", headers={"Origin": "http://example.com"})
        status = connection.getresponse().status
        connection.close()
        return status

    async with controlled() as line:
        assert await in_thread(browse, int(line.url.rpartition(":")[2])) == 403


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"x": "%s"}' % (b"x" * BODY_OCTETS_MAX), 413)]
)
async def test_a_body_that_is_no_table_is_refused(body: bytes, status: int) -> None:
    def post(port: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("PATCH", "/carriers/mobile", body)
        answered = connection.getresponse().status
        connection.close()
        return answered

    async with controlled() as line:
        assert await in_thread(post, int(line.url.rpartition(":")[2])) == status
