"""Pictures of a load."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from simulators.load_plot import check_plot, page, svg, write_plot
from simulators.load_result import LoadResult
from simulators.load_series import Series


def result() -> LoadResult:
    made = LoadResult(sent=40, accepted=40, answered=40, elapsed_s=4.0, series=Series())
    assert made.series is not None
    for number in range(40):
        span = made.series.at(number / 10)
        span.sent += 1
        span.submit.add(0.001 * number)
        made.submit.add(0.001 * number)
    return made


def test_a_page_is_whole_and_refers_to_nothing_outside() -> None:
    text = page(svg(result(), "a <b> & c"), "a <b> & c")
    assert "a &lt;b&gt; &amp; c" in text
    without_namespace = text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|src=|href=|url\(|@import|<script", without_namespace)


def test_the_picture_is_xml_that_shows_rates_and_latencies() -> None:
    picture = svg(result(), "title")
    words = "".join(ET.fromstring(picture).itertext())  # noqa: S314 - drawn by us
    for expected in ("title", "submit_sm a second", "p99", "how latencies spread", "20 - 50 ms"):
        assert expected in words


def test_a_load_that_measured_nothing_can_be_drawn() -> None:
    ET.fromstring(svg(LoadResult(), "nothing"))  # noqa: S314 - drawn by us


@pytest.mark.parametrize("name", ["x.html", "x.svg"])
def test_files_are_written_by_their_ending(tmp_path: Path, name: str) -> None:
    check_plot(tmp_path / name)
    write_plot(tmp_path / name, result(), "title")
    assert "<svg" in (tmp_path / name).read_text("utf-8")


def test_what_can_not_be_written_is_refused_before_the_load(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must end in"):
        check_plot(tmp_path / "x.pdf")
    with pytest.raises(ValueError, match="no such folder"):
        check_plot(tmp_path / "nowhere" / "x.html")


@pytest.mark.skipif(importlib.util.find_spec("cairosvg") is not None, reason="cairosvg is installed")
def test_a_png_without_a_library_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PNG needs the package cairosvg"):
        check_plot(tmp_path / "x.png")
