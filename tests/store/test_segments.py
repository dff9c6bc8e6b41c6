import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.store import records, segments
from smpp_router.store.records import FRAME
from smpp_router.store.seam import SETTLED, Batch, StoreFailedError
from smpp_router.store.segments import HEAD_BYTES, Head

SALT = 0xDEADBEEF


def frame(number: int, salt: int = SALT) -> bytes:
    return bytes(records.encode(Batch([], [(SETTLED, number, 1.0, 0, b"")]), salt).data)


def found(data: bytes) -> list[bytes]:
    view = memoryview(bytes(HEAD_BYTES) + data)
    return [bytes(view[start - FRAME.size : end]) for start, end in segments.frames(view, SALT)]


def test_a_head_comes_back(tmp_path: Path) -> None:
    head = Head(3, SALT, 1234, 1 << 62)
    os.close(segments.create(tmp_path, head))
    assert segments.numbers(tmp_path) == [3]
    with segments.mapped(tmp_path, 3) as view:
        assert segments.read_head(segments.log_path(tmp_path, 3), view, 3) == head
        segments.forget_pages(view)
        assert len(view) == HEAD_BYTES


def test_any_changed_byte_of_a_head_is_noticed(tmp_path: Path) -> None:
    os.close(segments.create(tmp_path, Head(3, SALT, 1234, 1 << 62)))
    path = segments.log_path(tmp_path, 3)
    data = path.read_bytes()
    for at in range(HEAD_BYTES):
        changed = bytearray(data)
        changed[at] ^= 0x10
        with pytest.raises(StoreFailedError, match="damaged at offset 0"):
            segments.read_head(path, memoryview(changed), 3)
    with pytest.raises(StoreFailedError, match="shorter"):
        segments.read_head(path, memoryview(data)[:-1], 3)


def test_the_other_byte_order_is_named(tmp_path: Path) -> None:
    os.close(segments.create(tmp_path, Head(3, SALT, 0, 0)))
    path = segments.log_path(tmp_path, 3)
    data = bytearray(path.read_bytes())
    data[8:12] = data[8:12][::-1]
    with pytest.raises(StoreFailedError, match="byte order"):
        segments.read_head(path, memoryview(data), 3)


def test_a_segment_is_not_created_twice(tmp_path: Path) -> None:
    os.close(segments.create(tmp_path, Head(1, SALT, 0, 0)))
    with pytest.raises(FileExistsError):
        segments.create(tmp_path, Head(1, SALT, 0, 0))
    assert segments.numbers(tmp_path) == [1], "the one that was there is left alone"


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreFailedError, match=r"0000000009\.log"), segments.mapped(tmp_path, 9):
        pass


def test_an_empty_file_maps_to_nothing(tmp_path: Path) -> None:
    segments.log_path(tmp_path, 1).touch()
    with segments.mapped(tmp_path, 1) as view:
        assert len(view) == 0
        segments.forget_pages(view)


def test_frames_follow_each_other() -> None:
    frames = [frame(number) for number in range(5)]
    assert found(b"".join(frames)) == frames
    assert found(b"") == []


def test_frames_of_another_salt_are_not_ours() -> None:
    assert found(frame(1) + frame(2, SALT + 1)) == [frame(1)]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_frames_stop_before_the_first_damage(at: int, change: int) -> None:
    frames = [frame(number) for number in range(3)]
    data = bytearray(b"".join(frames))
    at %= len(data)
    data[at] ^= change
    assert found(bytes(data)) == frames[: at // len(frames[0])]


@given(st.integers(0, 10_000))
def test_what_is_cut_short_is_torn_and_what_is_followed_is_not(cut: int) -> None:
    whole = frame(1)
    torn = whole[: cut % len(whole)]
    view = memoryview(bytes(HEAD_BYTES) + torn)
    assert segments.is_torn(view, SALT, HEAD_BYTES)
    view = memoryview(bytes(HEAD_BYTES) + torn + frame(2))
    assert not segments.is_torn(view, SALT, HEAD_BYTES) or torn == b""


def test_a_frame_in_a_body_does_not_make_damage_of_a_torn_frame() -> None:
    view = memoryview(bytes(HEAD_BYTES) + b"torn" + frame(1, SALT + 1))
    assert segments.is_torn(view, SALT, HEAD_BYTES)
