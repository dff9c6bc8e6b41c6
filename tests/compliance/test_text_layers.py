import datetime

from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.model import shipped_model
from smpp_router.compliance.text_layers import TextLayers
from smpp_router.compliance.textscreen import TextScreen

DAY = datetime.date(2026, 1, 1)


def test_lexicon_and_model_are_such_layers() -> None:
    layers: TextLayers = TextScreen(Keywords(()), shipped_model(), DAY)
    (found,) = layers.screen(["代开发票，真票保真，加V信13800138000"], [""], DAY)
    assert 0.0 <= found.illicit <= 1.0
    assert found.likeliest == max(found.shares, key=lambda pair: pair[1])
    assert found.actions == {"accept"}
    assert found.symbols
    assert layers.versions[1] == shipped_model().version
