"""Mixes and accounts from files."""

from pathlib import Path

import pytest

from simulators.traffic.files import load_accounts, load_traffic
from simulators.traffic.mix import Mix

EXAMPLES = Path(__file__).parents[3] / "config" / "traffic"


def written(path: Path, name: str, text: str) -> Path:
    file = path / name
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("name", ["logistics", "marketing", "verification-codes"])
def test_the_examples_can_be_sent(name: str) -> None:
    mix = Mix(load_traffic(EXAMPLES / f"{name}.toml"), receipts=True, seed="1")
    assert all(next(mix).bodies for _ in range(200))


def test_the_example_of_accounts_is_read() -> None:
    accounts = load_accounts(EXAMPLES / "accounts.toml")
    assert [account.system_id for account in accounts] == ["codes", "courier", "shop"]


def test_a_line_of_csv_is_a_kind(tmp_path: Path) -> None:
    text = 'text,weight,destination,data_coding,receipt\n您好，世界,2,86139####,0x08,no\n"a, b",,,,\n'
    first, second = load_traffic(written(tmp_path, "x.csv", text))
    assert (first.texts, first.weight, first.destinations) == (("您好，世界",), 2.0, ("86139####",))
    assert (first.data_coding, first.receipt) == (8, False)
    assert (second.texts, second.weight, second.receipt) == (("a, b",), 1.0, None)


def test_a_line_of_jsonl_is_a_kind(tmp_path: Path) -> None:
    text = '{"text": "hi", "weight": 2, "message_class": 0}\n\n{"text": "ho", "long": "sar"}\n'
    first, second = load_traffic(written(tmp_path, "x.jsonl", text))
    assert (first.texts, first.message_class, second.long) == (("hi",), 0, "sar")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("x.txt", "", "must end in"),
        ("x.toml", "kinds = 3", "kinds"),
        ("x.toml", "kinds = [", "x.toml: "),
        ("x.toml", '[[kinds]]\ntexts = ["a"]\nwieght = 2', "wieght: unknown key; did you mean weight"),
        ("x.csv", "weight\n2\n", "line 2: text: is missing"),
        ("x.csv", "text,weight\na,heavy\n", "line 2: weight: is not one: heavy"),
        ("x.csv", "text,weight\na,1,2\n", "not as many fields"),
        ("x.jsonl", "[1]\n", "line 1: must be an object"),
        ("x.jsonl", "{\n", "line 1: "),
        ("x.csv", "", "entries"),
    ],
)
def test_mistakes_are_named_by_their_place(tmp_path: Path, name: str, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        load_traffic(written(tmp_path, name, text))


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.toml: No such file"):
        load_traffic(tmp_path / "none.toml")
    with pytest.raises(ValueError, match="accounts"):
        load_accounts(written(tmp_path, "a.toml", "accounts = []"))
