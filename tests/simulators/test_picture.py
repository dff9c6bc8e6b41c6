"""Pictures as files."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from simulators.picture import check_plot, page, sheet, words, write_picture

DRAWN = sheet(200, 100.4, [words(10, 20, "a <b> & c")])


def test_a_sheet_is_xml_of_its_size_with_its_words() -> None:
    drawn = ET.fromstring(DRAWN)  # noqa: S314 - drawn by us
    assert drawn.attrib["viewBox"] == "0 0 200 100"
    assert "".join(drawn.itertext()) == "a <b> & c"


def test_a_page_is_whole_and_refers_to_nothing_outside() -> None:
    text = page(DRAWN, "d <e> & f")
    assert "<title>d &lt;e&gt; &amp; f</title>" in text
    assert DRAWN in text
    without_namespace = text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|src=|href=|url\(|@import|<script", without_namespace)


@pytest.mark.parametrize(("name", "start"), [("x.html", "<!doctype html>"), ("x.SVG", "<svg")])
def test_files_are_written_by_their_ending(tmp_path: Path, name: str, start: str) -> None:
    check_plot(tmp_path / name)
    write_picture(tmp_path / name, DRAWN, "title")
    text = (tmp_path / name).read_text("utf-8")
    assert text.startswith(start)
    assert DRAWN in text


def test_what_can_not_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must end in"):
        check_plot(tmp_path / "x.pdf")
    with pytest.raises(ValueError, match="no such folder"):
        check_plot(tmp_path / "nowhere" / "x.html")


@pytest.mark.skipif(importlib.util.find_spec("cairosvg") is not None, reason="cairosvg is installed")
def test_a_png_without_a_library_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PNG needs the package cairosvg"):
        check_plot(tmp_path / "x.png")
