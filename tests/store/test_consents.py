from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.consent import Consent
from smpp_router.store.consents import NAME, ConsentLog, read_consents
from smpp_router.store.lines import encoded
from smpp_router.store.seam import StoreFailedError

CONSENTS = st.lists(
    st.builds(
        Consent,
        at=st.floats(0, 4e9),
        account=st.text(max_size=15),
        number=st.from_regex(r"[0-9]{5,15}", fullmatch=True),
        is_refusal=st.booleans(),
        source_addr=st.text(max_size=20),
        kind=st.sampled_from(["marketing", ""]),
        by=st.sampled_from(["mo", "api", "file"]),
        who=st.text(max_size=5),
        reason=st.text(max_size=5),
    ),
    max_size=5,
)


def read(folder: Path) -> list[Consent]:
    log = ConsentLog(folder)
    try:
        return log.load()
    finally:
        log.close()


def written(folder: Path, consents: list[Consent]) -> None:
    log = ConsentLog(folder)
    log.load()
    log.append(consents)
    log.close()


@given(first=CONSENTS, second=CONSENTS)
def test_what_was_appended_is_read_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, first: list[Consent], second: list[Consent]
) -> None:
    folder = tmp_path_factory.mktemp("consents")
    written(folder, first)
    written(folder, second)
    assert read(folder) == first + second


@given(consents=CONSENTS, data=st.data())
def test_what_a_crash_cut_is_forgotten_whole_and_what_comes_after_is_kept(
    tmp_path_factory: pytest.TempPathFactory, consents: list[Consent], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("consents")
    written(folder, consents)
    path = folder / NAME
    octets = path.read_bytes()
    cut = data.draw(st.integers(0, len(octets)))
    path.write_bytes(octets[:cut])
    left = consents if cut == len(octets) else []
    assert read(folder) == left, "of one commit there is all or nothing"
    written(folder, consents)
    assert read(folder) == left + consents


def test_damage_before_other_lines_is_an_error(tmp_path: Path) -> None:
    consents = [Consent(1.0, "shop", f"86139000000{n:02}", is_refusal=True) for n in range(3)]
    for consent in consents:
        written(tmp_path, [consent])
    path = tmp_path / NAME
    octets = bytearray(path.read_bytes())
    octets[12] ^= 1
    path.write_bytes(octets)
    with pytest.raises(StoreFailedError, match="damaged at offset 0"):
        read(tmp_path)


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    written(tmp_path, [])
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_lines_of_versions_without_who_and_why_are_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(encoded([1.0, "shop", "8613900000001", True, "", "marketing", "mo"]))
    assert read(tmp_path) == [Consent(1.0, "shop", "8613900000001", is_refusal=True)]
    assert list(read_consents(tmp_path, ("8613900000001",))) == read(tmp_path)


def test_a_line_that_is_no_consent_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(encoded({"number": 1}))
    with pytest.raises(StoreFailedError, match="no consent"):
        read(tmp_path)
