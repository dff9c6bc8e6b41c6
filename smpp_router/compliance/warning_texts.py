# Police, banks and couriers warn in the words of those of whom they warn, so words alone cannot tell the two
# apart. What can: a fraud must lead somewhere. A text that warns, and has no link, no number longer than a
# hotline's and no account in it, leads nowhere.
#
# Rule 1: like all that is known of words, it is judged by the light view: nothing that is read over makes a
#         difference, and of digits only how many stand together.
# Rule 2: what accuses its reader does not warn.
"""Texts that do nothing but warn."""

import re
from typing import Final

_WARNS: Final = re.compile(
    "谨防|警惕|提防|防范|防骗|骗局|骗术|冒充|勿[信轻相]|不要[信轻相]|不[轻可]信|[就都均全][是为属].{0,3}诈骗|诈骗(?:电话|手段|套路|陷阱)"
    "|帮信罪|从不会|不会[要索通以]|[切请]勿.{0,6}(?:转账|汇款|透露|泄露|点击)|切勿.{0,6}(?:告知|提供)"
)
"""Not 请勿 or 反诈 alone: frauds forbid to ask the bank, and call themselves the police."""
_LEADS: Final = re.compile("[0-9a-z]{6}")
"""A link, a number of subscriber, an account. Hotlines have five digits at most: 110, 96110, 95588."""
_ACCUSES: Final = re.compile("[你您].{0,8}涉(?:嫌|及|案|入)|逮捕|通缉|传票")


def only_warns(light: str) -> bool:
    """Whether a text, given as its light view, warns and leads its reader nowhere."""
    return bool(_WARNS.search(light)) and not _LEADS.search(light) and not _ACCUSES.search(light)
