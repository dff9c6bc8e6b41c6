"""India: every message names its entity and template in two TLVs, and reads as the template does.

A third, 0x1402, has the hash of the chain through which the message goes, from the entity to whoever hands it
to the operator: SHA-256 in hex of their numbers with commas between. The tags are in vendors' space (SMPP 3.4
section 5.3.2): what they mean holds in this regime only.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.shapes import Shape, Variable
from smpp_router.compliance.symbols import Symbol

TAG_ENTITY: Final = 0x1400
TAG_TEMPLATE: Final = 0x1401
TAG_CHAIN: Final = 0x1402
_VARIABLE: Final = "{#var#}"
_VARIABLE_MAX: Final = 30
_SOURCE: Final = "DLT"


@lru_cache(maxsize=4_096)
def _shape(template: str) -> Shape:
    constants = [re.escape(piece) for piece in template.split(_VARIABLE)]
    variable = Variable(f".{{0,{_VARIABLE_MAX}}}", _VARIABLE_MAX)
    return Shape(constants, [variable] * (len(constants) - 1))


@lru_cache(maxsize=256)
def chain_hash(chain: tuple[str, ...]) -> str:
    """Return the hash of a chain, from the entity to the last telemarketer."""
    return hashlib.sha256(",".join(chain).encode("ascii")).hexdigest()


def check_dlt(case: Case) -> Iterator[Symbol]:
    """Yield what a message in India lacks, and how it differs from its template."""
    if case.regime != "in_dlt" or case.kind is None:
        return
    given = dict(case.subject.tlvs)
    entity = given.get(TAG_ENTITY, b"").decode("latin-1").strip("\0 ")
    template_id = given.get(TAG_TEMPLATE, b"").decode("latin-1").strip("\0 ")
    dlt = case.sender.config.dlt if case.sender is not None else None
    if not entity:
        yield Symbol("DLT_ENTITY_MISSING", 0.0, "TLV 0x1400 names the entity", source=_SOURCE)
    elif dlt is not None and entity != dlt.entity:
        yield Symbol("DLT_ENTITY_FOREIGN", 0.5, "the entity is not this account's", source=_SOURCE)
    if not template_id:
        yield Symbol("DLT_TEMPLATE_MISSING", 0.0, "TLV 0x1401 names the template", source=_SOURCE)
    if dlt is None:
        return
    if dlt.telemarketers:
        yield from _chain(given.get(TAG_CHAIN, b""), (dlt.entity, *dlt.telemarketers))
    if dlt.headers and case.subject.source and case.subject.source not in dlt.headers:
        yield Symbol("DLT_HEADER", 0.3, "the source address is no registered header", source=_SOURCE)
    if not template_id:
        return
    template = dlt.templates.get(template_id)
    if template is None:
        yield Symbol("DLT_TEMPLATE_UNREGISTERED", 0.3, "no such template is registered", source=_SOURCE)
    elif _shape(template).fit(case.facts.text) is None:
        why = "the text is not as its template"
        yield Symbol("DLT_TEMPLATE_DIFFERS", 0.5, why, 0, len(case.facts.text), _SOURCE)


def _chain(given: bytes, chain: tuple[str, ...]) -> Iterator[Symbol]:
    found = given.decode("latin-1").strip("\0 ").lower()
    if not found:
        yield Symbol("DLT_CHAIN_MISSING", 0.0, "TLV 0x1402 has the hash of the chain", source=_SOURCE)
    elif found != chain_hash(chain):
        why = "the hash is not that of the registered chain"
        yield Symbol("DLT_CHAIN_FOREIGN", 0.3, why, source=_SOURCE)
