# An example of a rule of one's own: whoever offers a loan names its annual rate. It is in force because
# config/compliance.toml names it under [[compliance.own_rules]]; docs/own-rules.md tells what rules can do.
#
#   smpp-router screen --config config/router.toml --account shop --class marketing --explain "..."
"""An offer of a loan names its annual rate (People's Bank of China, announcement 2021 no. 3)."""

import re
from collections.abc import Iterator

from smpp_router.compliance.case import Case
from smpp_router.compliance.symbols import Symbol

OFFER = re.compile(
    r"(?:申请|办理|领取|可享|专享|推出)[^。；！]{0,12}(?:贷款|借款|信用贷|消费贷)|(?:贷款|借款)额度"
)
RATE = re.compile(r"年化(?:利率)?[^。；！]{0,12}[0-9]+(?:\.[0-9]+)?\s*[%％]")


def check(case: Case) -> Iterator[Symbol]:
    """Yield an offer of a loan without its rate."""
    text = case.facts.text
    offer = OFFER.search(text)
    if offer is not None and RATE.search(text) is None:
        why = "an offer of a loan names its annual rate"
        yield Symbol("OWN_LOAN_RATE", 0.3, why, offer.start(), offer.end(), "loan_rate.py")
