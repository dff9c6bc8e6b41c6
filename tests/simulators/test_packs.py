import random
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import pytest

from simulators.config_file import SimulatorConfigError, load_simulators
from simulators.dialect import Dialect, ReceiptFacts, receipt_octets
from simulators.message_ids import MessageIds
from simulators.packs import OF_THE_CARRIER, PACKS_MAX, apply_packs, pack_names, pack_summary, packs
from simulators.profile import CarrierProfile
from simulators.traffic.misbehaviours import MISBEHAVIOURS
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.pdu import DataSm, DeliverSm
from smpp_router.wire.receipt import STATES, parse_receipt
from tests.simulators.customers import World, message

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulator" / "dialects.md"
ITEMS = range(1, 26)
ADDRESSES = b"\0\x0110690\0\x01\x018613900000001\0"
FORGED = b"id:1 stat:EXPIRED err:027"
"""A message that would be a receipt, if anybody believed what subscribers are sent."""
VENDORS = {name for name, pack in packs().items() if not pack.interop}


def load(tmp_path: Path, text: str) -> CarrierProfile:
    """A carrier as smpp-carriers reads it."""
    file = tmp_path / "carriers.toml"
    file.write_text(f'[[carriers]]\nname = "mobile"\nport = 0\n{text}')
    return load_simulators(file).carriers[0]


def difference(before: Any, after: Any, place: str = "") -> list[str]:
    """The keys in which two values of attrs classes differ."""
    found: list[str] = []
    for field in attrs.fields(type(before)):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if attrs.has(type(one)) and type(one) is type(other):
            found += difference(one, other, f"{place}{field.name}.")
        elif one != other:
            found.append(f"{place}{field.name}")
    return found


# ---------------------------------------------------------------------- the packs that there are


@pytest.mark.parametrize("name", pack_names())
def test_each_pack_makes_a_valid_carrier_and_an_unusual_one(name: str, tmp_path: Path) -> None:
    plain = load(tmp_path, "")
    profile = load(tmp_path, f'packs = ["{name}"]')
    changed = difference(plain, profile)
    # A pack that only says what is the default anyway is there to undo another one.
    assert changed or name.startswith("no-")
    assert (profile.name, profile.port, profile.accounts) == ("mobile", 0, ())


@pytest.mark.parametrize("name", pack_names())
def test_each_pack_says_what_it_is_in_one_sentence(name: str) -> None:
    assert re.fullmatch(r"[A-Z0-9a-z].{10,130}\.", pack_summary(name))
    text = (files("simulators") / "packs" / f"{name}.toml").read_text("utf-8")
    assert set(tomllib.loads(text)) <= {"summary", "interop", "carrier"}
    assert not OF_THE_CARRIER & packs()[name].carrier.keys()
    assert set(packs()[name].interop) <= set(ITEMS)


def test_all_packs_together_are_still_a_carrier(tmp_path: Path) -> None:
    for first in range(0, len(pack_names()), PACKS_MAX):
        load(tmp_path, f"packs = {list(pack_names()[first : first + PACKS_MAX])}")


def test_the_vendors_say_that_nobody_has_measured_them() -> None:
    assert {"china-mobile", "china-unicom", "china-telecom", "china-broadnet"} <= VENDORS
    assert len(VENDORS) >= 8
    for name in sorted(VENDORS):
        text = (files("simulators") / "packs" / f"{name}.toml").read_text("utf-8")
        head = " ".join(line.strip("# ") for line in text.splitlines() if line.startswith("#"))
        assert "not measured" in head
        assert "odelled" in head
        assert "odelled" in pack_summary(name)


def test_the_examples_of_carriers_can_be_read() -> None:
    examples = sorted((ROOT / "config" / "simulators").glob("*.toml"))
    assert examples
    for file in examples:
        assert load_simulators(file).carriers
    assert {name for name in VENDORS if any(name in file.read_text("utf-8") for file in examples)} == VENDORS


@pytest.mark.parametrize("name", pack_names())
def test_the_routers_reader_finds_id_and_state_in_the_receipts_of_each_pack(
    name: str, tmp_path: Path
) -> None:
    profile = load(tmp_path, f'packs = ["{name}"]')
    dialect = profile.dialect
    if not profile.receipt_tlvs:
        dialect = attrs.evolve(dialect, receipt_tlvs_included=())
    ids = MessageIds(profile.message_ids, profile.receipt_ids, random.Random(1))
    for stat in ("DELIVRD", "UNDELIV", "EXPIRED", "REJECTD"):
        message_id = ids.in_receipt(ids.issue())
        for error_code in profile.error_codes.get(stat, (0 if stat == "DELIVRD" else 1,)):
            state = STATES[stat.encode()]
            facts = ReceiptFacts(message_id, ADDRESSES, 1.8e9, 1.8e9 + 5, state, error_code, 0x04, FORGED)
            command_id = c.DATA_SM if dialect.receipt_pdu == "data_sm" else c.DELIVER_SM
            pdu = decode(command_id, 0, 1, receipt_octets(dialect, facts))
            assert isinstance(pdu, DeliverSm | DataSm)
            receipt = parse_receipt(pdu)
            assert receipt is not None
            assert receipt.message_id.lower().lstrip(b"0") == message_id.lower().lstrip(b"0")
            assert receipt.message_state == state


@pytest.mark.parametrize("stat", ["ENROUTE", "ACCEPTD", "UNKNOWN"])
def test_another_receipt_comes_before_each_final_one(stat: str, tmp_path: Path) -> None:
    world = World(dialect=load(tmp_path, f'packs = ["{stat.lower()}-then-delivrd"]').dialect)
    customer = world.bind()
    world.say(customer, message(), message())
    said = [(receipt.message_id, receipt.stat.decode()) for receipt in customer.receipts]
    for message_id in customer.message_ids:
        assert [word for one, word in said if one == message_id] == [stat, "DELIVRD"]
    assert world.carrier.statistics()["receipts"] == 2


# ---------------------------------------------------------------------- the page about them


@attrs.frozen
class Row:
    """What the page says of one item."""

    packs: set[str]
    misbehaviours: set[str]
    duty: str
    tests: set[str]


def rows() -> dict[int, Row]:
    """The items of the page."""
    found: dict[int, Row] = {}
    for line in PAGE.read_text("utf-8").splitlines():
        match = re.fullmatch(r"\| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", line)
        if match is not None:
            packs_, misbehaviours, tests = (
                set(re.findall(r"`([^`]+)`", match[column])) for column in (2, 3, 5)
            )
            found[int(match[1])] = Row(packs_, misbehaviours, match[4], tests)
    return found


def test_the_page_has_the_packs_of_each_item() -> None:
    by_item = {item: {name for name, pack in packs().items() if item in pack.interop} for item in ITEMS}
    assert {item: row.packs for item, row in rows().items()} == by_item
    assert all(len(row.duty) > 20 for row in rows().values())


def test_each_item_is_done_by_a_name_and_tried_in_a_test_that_there_is() -> None:
    for item, row in rows().items():
        assert row.packs | row.misbehaviours, item
        assert row.misbehaviours <= MISBEHAVIOURS.keys()
        assert row.tests, item
        for place in row.tests:
            file, _, name = place.partition("::")
            text = (ROOT / "tests" / file).read_text("utf-8")
            assert not name or f"def {name}(" in text, place
        assert bool(row.packs) == ("simulators/test_packs_against_router.py" in row.tests), item


def test_each_misbehaviour_has_its_item() -> None:
    assert set.union(*(row.misbehaviours for row in rows().values())) == MISBEHAVIOURS.keys()


def test_the_page_says_of_each_pack_what_it_does() -> None:
    text = PAGE.read_text("utf-8")
    assert [name for name in pack_names() if f"| `{name}` | {pack_summary(name)} |" not in text] == []


def test_the_page_has_each_key_of_a_dialect() -> None:
    text = PAGE.read_text("utf-8")
    names = [field.name for field in attrs.fields(Dialect) if field.init]
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_the_example_on_the_page_can_be_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "carriers.toml"
    file.write_text(example)
    assert load_simulators(file).carriers[0].dialect.receipt_pdu == "data_sm"


# ---------------------------------------------------------------------- how they are merged


def test_a_table_without_packs_is_as_it_was() -> None:
    table = {"name": "mobile", "dialect": {"body_on_error": True}}
    assert apply_packs(table) == table


def test_the_carriers_own_keys_win() -> None:
    table = apply_packs({"packs": ["id-uuid", "receipt-as-data-sm"], "message_ids": "hex"})
    assert table.pop("receipt_ids") == "same"
    assert table == {"message_ids": "hex", "dialect": {"receipt_pdu": "data_sm"}}


def test_a_later_pack_wins_and_sections_add_up() -> None:
    table = apply_packs(
        {
            "packs": ["receipt-as-data-sm", "throttles", "throttles-with-msgqful"],
            "dialect": {"receipt_template": ""},
        }
    )
    assert table["throttle_status"] == "ESME_RMSGQFUL"
    assert table["dialect"] == {"receipt_pdu": "data_sm", "receipt_template": ""}


def test_tables_within_a_section_add_up_too() -> None:
    own = {"receipt_stats": {"EXPIRED": "TIMEOUT"}}
    stats = apply_packs({"packs": ["stat-failed"], "dialect": own})["dialect"]["receipt_stats"]
    assert (stats["EXPIRED"], stats["UNDELIV"]) == ("TIMEOUT", "FAILED")


def test_weights_are_replaced_whole() -> None:
    table = apply_packs({"packs": ["receipt-unknown"], "outcomes": {"UNDELIV": 1.0}})
    assert table["outcomes"] == {"UNDELIV": 1.0}


def test_a_pack_is_not_changed_by_who_uses_it() -> None:
    before = packs()["stat-failed"].carrier["dialect"]["receipt_stats"].copy()
    table = apply_packs({"packs": ["stat-failed"], "dialect": {"receipt_stats": {"DELIVRD": "X"}}})
    table["dialect"]["receipt_stats"]["UNDELIV"] = "Y"
    assert packs()["stat-failed"].carrier["dialect"]["receipt_stats"] == before


def test_an_unknown_pack_is_named_with_those_that_are_close() -> None:
    with pytest.raises(ValueError, match=r'packs: there is no pack "china-mobil"; did you mean china-mobile'):
        apply_packs({"packs": ["china-mobil"]})
    with pytest.raises(ValueError, match=r'there is no pack "zzz"$'):
        pack_summary("zzz")


@pytest.mark.parametrize("wrong", ["china-mobile", [1], 7])
def test_packs_are_a_list_of_names(wrong: object) -> None:
    with pytest.raises(ValueError, match="packs: must be a list of names"):
        apply_packs({"packs": wrong})


def test_more_packs_than_anybody_needs_are_refused() -> None:
    with pytest.raises(ValueError, match="packs: must have at most 32 entries, got 33"):
        apply_packs({"packs": ["id-uuid"] * (PACKS_MAX + 1)})


def test_a_file_that_names_no_pack_there_is_is_refused_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(SimulatorConfigError, match=r'carriers\[0\].*there is no pack "id-uid"'):
        load(tmp_path, 'packs = ["id-uid"]')
