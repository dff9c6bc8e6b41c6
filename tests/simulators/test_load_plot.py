"""Pictures of a load."""

from pathlib import Path
from xml.etree import ElementTree as ET

from simulators.load_plot import svg, write_plot
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


def test_the_picture_is_xml_that_shows_rates_and_latencies() -> None:
    picture = svg(result(), "title")
    words = "".join(ET.fromstring(picture).itertext())  # noqa: S314 - drawn by us
    for expected in ("title", "submit_sm a second", "p99", "how latencies spread", "20 - 50 ms"):
        assert expected in words


def test_a_load_that_measured_nothing_can_be_drawn() -> None:
    ET.fromstring(svg(LoadResult(), "nothing"))  # noqa: S314 - drawn by us


def test_a_page_has_its_title_and_its_picture(tmp_path: Path) -> None:
    write_plot(tmp_path / "x.html", result(), "title")
    text = (tmp_path / "x.html").read_text("utf-8")
    assert "<title>title</title>" in text
    assert "submit_sm a second" in text
