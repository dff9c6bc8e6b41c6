"""Tables to values: strict, and every mistake told."""

from pathlib import Path
from typing import Any

import attrs
import cattrs
import pytest

from simulators.structuring import converter, problem_lines, structure
from smpp_router.config_checks import at_least


@attrs.frozen(kw_only=True)
class Inner:
    least: int = attrs.field(default=1, validator=at_least(1))
    most: int = attrs.field(default=1, validator=at_least(1))
    anything: dict[str, Any] = attrs.field(factory=dict[str, Any])
    file: Path | None = None


@attrs.frozen(kw_only=True)
class Outer:
    inner: Inner
    several: tuple[Inner, ...] = ()


def told(value: object, kind: Any) -> list[str]:
    with pytest.raises((cattrs.BaseValidationError, ValueError)) as caught:
        structure(value, kind)
    return list(problem_lines(caught.value, "here"))


def test_every_key_is_checked_whatever_is_wrong_with_the_others() -> None:
    table = {"inner": {"least": 0, "most": "x", "odd": 1}, "several": [{"most": 0}, 3]}
    assert told(table, Outer) == [
        "here.inner.least: must be at least 1, got 0",
        "here.inner.most: must be a whole number, got a text",
        "here.inner: odd: unknown key",
        "here.several[0].most: must be at least 1, got 0",
        "here.several[1]: must be a table, got a whole number",
    ]


def test_lists_are_lists_and_tables_are_tables() -> None:
    assert told({"inner": {"anything": 1}, "several": "no"}, Outer) == [
        "here.inner.anything: must be a table, got a whole number",
        "here.several: must be a list, got a text",
    ]
    assert told(3, dict[str, float]) == ["here: must be a table, got a whole number"]


def test_a_table_of_anything_stays_as_it_is() -> None:
    free = {"a": {"b": [1, "x", 2.5]}}
    assert structure({"anything": free}, Inner).anything == free


def test_a_path_starts_from_the_folder(tmp_path: Path) -> None:
    assert converter(tmp_path).structure({"file": "x.pem"}, Inner).file == tmp_path / "x.pem"
    assert converter(tmp_path).structure({"file": "/x.pem"}, Inner).file == Path("/x.pem")
