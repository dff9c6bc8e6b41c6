from html.parser import HTMLParser

from simulators.grade.catalog import RULES
from simulators.grade.grader import Grader
from simulators.grade.page import as_html
from simulators.grade.report import report_of
from tests.simulators.grade.bad_clients import BAD
from tests.simulators.grade.wires import Wire

VOID = {"meta"}


class Page(HTMLParser):
    """Fails on tags that do not close in order; remembers what there is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(*names: str) -> Page:
    wire = Wire().bound()
    wire.submit()
    wire.submit()
    for name in names:
        BAD[name](wire)
    wire.end()
    return Page(as_html(report_of(wire.grader)))


def test_the_page_is_sound_and_needs_nothing_from_elsewhere() -> None:
    page = page_of(*BAD)
    assert page.links == []
    assert "script" not in page.tags
    assert "@import" not in page.text
    assert "url(" not in page.text


def test_each_finding_is_an_article_that_can_be_linked_to() -> None:
    page = page_of("esm-class", "address-content")
    assert page.ids == ["esm-class", "address-content"]
    assert page.tags.count("article") == 2


def test_every_rule_stands_on_the_page() -> None:
    page = page_of("esm-class")
    assert [rule.id for rule in RULES if rule.id not in page.text] == []


def test_what_a_client_sends_can_not_change_the_page() -> None:
    wire = Wire().bound(system_id=b'"><img src=x>')
    wire.submit(service_type=b"<b>", esm_class=4, short_message=b'</td><script>alert("x")</script>')
    wire.end()
    page = Page(as_html(report_of(wire.grader)))
    assert "img" not in page.tags
    assert "script" not in page.tags
    assert '</td><script>alert("x")</script>' in page.text


def test_a_run_without_a_client_has_a_page_too() -> None:
    page = Page(as_html(report_of(Grader())))
    assert "no client has bound" in page.text
