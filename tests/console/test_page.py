"""The page of reviewers."""

import re
from pathlib import Path

from smpp_router.console.page import page
from tests.console.screened import screening
from tests.console.served import client_of, served


async def test_the_page_comes_without_a_token_and_has_nothing_to_tell(tmp_path: Path) -> None:
    async with served(tmp_path, **screening()) as api, client_of(api.url, "") as nobody:
        answer = await nobody.get("/review")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.text == page()
        assert (await nobody.get("/reviews")).status_code == 401


def test_the_page_needs_nothing_from_elsewhere_and_writes_no_html_from_texts() -> None:
    assert re.findall(r"https?://", page()) == []
    assert re.findall(r"innerHTML|insertAdjacentHTML|document\.write|outerHTML", page()) == []
