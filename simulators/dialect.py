# How a vendor writes: what SMPP leaves open, or says and vendors do otherwise. A Dialect decides nothing of a
# message's fate; that is its profile's. It is asked for octets.
#
#   carrier says no     --refusal_octets()-------->  response
#   message's end       --receipt_octets()-------->   body of the receipt: deliver_sm or data_sm
#                       --preceding_octets()------>   body of the one before it, from vendors who send two
#   refused bind        --bind_status()----------->   command_status of the bind_resp
#
# Rule 1: the default dialect is SMPP 3.4 to the letter, and costs nothing: is_plain says so, and the octets
#         come from the same functions that the router uses.
# Rule 2: same dialect and same facts, same octets.
# Rule 3: how ids are spelt is message_ids.py's; here they are only padded and cased for the receipt. In which
#         order responses leave is responses.py's.
"""Dialects of simulated carriers."""

from typing import Any, Final, Literal, TypeAlias

import attrs

from simulators.receipt_template import APPENDIX_B, receipt_template
from simulators.response_order import Order
from smpp_router.config_checks import between, octets
from smpp_router.wire import constants as c
from smpp_router.wire.codec import header_only
from smpp_router.wire.receipt import STATES, STATS
from smpp_router.wire.receipt_body import FINAL_RECEIPT, INTERMEDIATE, NO_CAUSE, receipt_body
from smpp_router.wire.text import decode_text
from smpp_router.wire.times import receipt_date

ReceiptTlv = Literal["receipted_message_id", "message_state", "network_error_code"]
ReceiptPdu = Literal["deliver_sm", "data_sm"]
TextPlace = Literal["short_message", "message_payload"]
ErrFormat = Literal["decimal", "hex"]
PrecedingStat = Literal["", "ENROUTE", "ACCEPTD", "UNKNOWN"]
IdCase = Literal["as_issued", "upper", "lower"]
ReceiptAddresses = Literal["swapped", "as_submitted"]
DefaultAlphabet = Literal["gsm", "gsm_packed", "latin1", "ascii"]
OverWindow = Literal["as_throttled", "ESME_RTHROTTLED", "ESME_RMSGQFUL", "silence", "disconnect"]
Attribute: TypeAlias = "attrs.Attribute[Any]"

BIND_REASONS: Final = {
    "unknown_system_id": c.ESME_RINVSYSID,
    "bad_password": c.ESME_RINVPASWD,
    "too_many_binds": c.ESME_RALYBND,
    "refused": c.ESME_RBINDFAIL,
}
"""Why a bind is refused, and what SMPP 3.4 section 5.1.3 has for it."""
NETWORK_GSM: Final = 3
"""Network type of a network_error_code (SMPP 3.4 section 5.3.2.31)."""
SM_LENGTH_MAX: Final = 254
"""A longer text goes into message_payload (SMPP 3.4 section 5.2.21)."""

_WORD_MAX: Final = 20


def _template(_: object, attribute: Attribute, text: str) -> None:
    try:
        receipt_template(text)
    except ValueError as error:
        raise ValueError(f"{attribute.name}: {error}") from None


def _is_word(word: str) -> bool:
    return 0 < len(word) <= _WORD_MAX and word.isascii() and word.isprintable()


def _stats(_: object, attribute: Attribute, words: dict[str, str]) -> None:
    for stat, word in words.items():
        if stat.encode() not in STATES:
            raise ValueError(f"{attribute.name}: {stat} is none of {', '.join(map(bytes.decode, STATES))}")
        if not _is_word(word):
            raise ValueError(f"{attribute.name}: {stat} must be 1 to {_WORD_MAX} printable ASCII characters")


def _errs(_: object, attribute: Attribute, words: dict[str, str]) -> None:
    for code, word in words.items():
        if not code.isdecimal() or not 0 <= int(code) <= 65_535:
            raise ValueError(f"{attribute.name}: {code} must be a number from 0 to 65535")
        if not _is_word(word):
            raise ValueError(f"{attribute.name}: {code} must be 1 to {_WORD_MAX} printable ASCII characters")


def _statuses(_: object, attribute: Attribute, names: dict[str, str]) -> None:
    for reason, name in names.items():
        if reason not in BIND_REASONS:
            raise ValueError(f"{attribute.name}: {reason} is none of {', '.join(BIND_REASONS)}")
        if not name.startswith("ESME_R") or not getattr(c, name, c.ESME_ROK):
            raise ValueError(f"{attribute.name}: {name} is not the name of an error status")


def _digits(_: object, attribute: Attribute, digits: int) -> None:
    if digits not in (10, 12, 14):
        raise ValueError(f"{attribute.name}: must be 10, 12 or 14, got {digits}")


@attrs.frozen(kw_only=True)
class Dialect:
    """How one vendor writes. The default is SMPP 3.4."""

    receipt_template: str = attrs.field(default=APPENDIX_B, validator=_template)
    """The receipt's text; empty: no text, the optional parameters say it all."""
    receipt_date_digits: int = attrs.field(default=10, validator=_digits)
    """10: YYMMDDhhmm, 12: with seconds, 14: with seconds and century."""
    utc_offset_min: int = attrs.field(default=0, validator=between(-720, 840))
    """Minutes by which the clock that dates receipts is ahead of UTC."""
    receipt_stats: dict[str, str] = attrs.field(factory=dict[str, str], validator=_stats)
    """Own words for stat, by Appendix B's: { UNDELIV = "FAILED" }. {err} in one is the receipt's err."""
    receipt_err_format: ErrFormat = "decimal"
    receipt_err_digits: int = attrs.field(default=3, validator=between(1, 8))
    """How many digits err has: zeros in front, and the last ones of a longer number."""
    receipt_errs: dict[str, str] = attrs.field(factory=dict[str, str], validator=_errs)
    """Own words for err, by network_error_code: { 1 = "MK:0001" }."""
    receipt_text_octets: int = attrs.field(default=0, validator=between(0, 80))
    """How many characters of the message a receipt repeats as its text; signs that ASCII lacks show as ?."""
    receipt_id_case: IdCase = "as_issued"
    receipt_id_digits: int = attrs.field(default=0, validator=between(0, 64))
    """Zeros are put in front of a receipt's id up to so many characters."""
    receipt_tlvs_included: tuple[ReceiptTlv, ...] = (
        "message_state",
        "receipted_message_id",
        "network_error_code",
    )
    """Which optional parameters a receipt has, if the profile's receipt_tlvs lets it have any."""
    receipt_pdu: ReceiptPdu = "deliver_sm"
    receipt_text_place: TextPlace = "short_message"
    """Where a deliver_sm has the receipt's text; a data_sm has it in message_payload."""
    receipt_esm_class: int = attrs.field(default=FINAL_RECEIPT, validator=between(0, 255))
    """esm_class of a final receipt (SMPP 3.4 section 5.2.12)."""
    intermediate_esm_class: int = attrs.field(default=INTERMEDIATE, validator=between(0, 255))
    """esm_class of an intermediate notification."""
    preceding_stat: PrecedingStat = ""
    """A receipt with this stat goes out just before each final one, with the same esm_class."""
    receipt_addresses: ReceiptAddresses = "swapped"
    """A receipt comes from the message's destination; as_submitted: from its source, as some have it."""
    default_alphabet: DefaultAlphabet = "gsm"
    """What data_coding 0 means."""
    body_on_error: bool = False
    """Whether a response that says no has a body: an empty message_id."""
    nacks_refusals: bool = False
    """Whether a submit_sm that is refused gets a generic_nack with its status, and no submit_sm_resp."""
    response_order: Order = "as_done"
    """in_order: none before those of earlier requests; reversed, shuffled: among those that leave at once."""
    over_window: OverWindow = "as_throttled"
    """What becomes of a submit_sm beyond window_max; as_throttled: what throttle_status says."""
    bind_statuses: dict[str, str] = attrs.field(factory=dict[str, str], validator=_statuses)
    """Own statuses of refused binds, by reason: { bad_password = "ESME_RBINDFAIL" }."""
    first_sequence_number: int = attrs.field(default=1, validator=between(0, 0xFFFFFFFF))
    """Of its own requests on each connection; any but 1 counts on to 0xFFFFFFFF, and from 0 again."""
    sc_interface_version: int = attrs.field(default=0x34, validator=between(0, 255))
    """What bind_resp says to 3.4 and later; 0: nothing."""
    system_id: str = attrs.field(default="", validator=octets(0, 15))
    """What bind_resp says; empty: the carrier's name."""
    is_plain: bool = attrs.field(init=False, eq=False, repr=False)
    """Whether receipts are SMPP 3.4's."""

    def __attrs_post_init__(self) -> None:
        """Find out once what every receipt asks."""
        is_plain = not (self.receipt_stats or self.receipt_errs) and all(
            getattr(self, field.name) == field.default
            for field in attrs.fields(Dialect)
            if field.name in _OF_RECEIPTS
        )
        object.__setattr__(self, "is_plain", is_plain)


_OF_RECEIPTS: Final = frozenset(
    field.name
    for field in attrs.fields(Dialect)
    if field.name.startswith(("receipt_", "intermediate_", "utc_"))
) - {"receipt_stats", "receipt_errs"}
"""The fields that a receipt is written by, less those that are tables."""


@attrs.define(eq=False)
class ReceiptFacts:
    """What a receipt tells, whatever its words. Times are unix seconds.

    `addresses` is the stretch of the submit_sm body from source_addr_ton to the NUL of destination_addr;
    `esm_class` is 0x04 of a final receipt and 0x20 of an intermediate notification, whatever the dialect
    makes of it; `message_id` is spelt as receipts spell it.
    """

    message_id: bytes
    addresses: bytes = attrs.field(repr=False)
    submitted_at: float
    done_at: float
    message_state: int
    error_code: int = 0
    esm_class: int = FINAL_RECEIPT
    text_octets: bytes = attrs.field(default=b"", repr=False)
    data_coding: int = 0


# ---------------------------------------------------------------------- responses and binds


def refusal_octets(dialect: Dialect, command_id: int, sequence_number: int, status: int) -> bytes:
    """Return a whole response that says no to a request that is answered with a message_id."""
    if dialect.nacks_refusals:
        return header_only(c.GENERIC_NACK, status, sequence_number)
    if not dialect.body_on_error:
        return header_only(command_id | c.RESPONSE_BIT, status, sequence_number)
    head = header_only(command_id | c.RESPONSE_BIT, status, sequence_number)
    return b"\0\0\0\x11" + head[4:] + b"\0"


def bind_status(dialect: Dialect, reason: str) -> int:
    """Return the command_status of a bind that is refused for one of BIND_REASONS."""
    name = dialect.bind_statuses.get(reason)
    return BIND_REASONS[reason] if name is None else int(getattr(c, name))


# ---------------------------------------------------------------------- receipts


def receipt_octets(dialect: Dialect, facts: ReceiptFacts) -> bytes:
    """Return the body of a receipt, a deliver_sm's or a data_sm's as `receipt_pdu` says."""
    # The plain one has err:000 for what was delivered, by Appendix B; who asks for another gets it.
    if dialect.is_plain and not (facts.error_code and facts.message_state == c.DELIVERED):
        return receipt_body(
            facts.message_id,
            facts.addresses,
            receipt_date(facts.submitted_at),
            receipt_date(facts.done_at),
            facts.message_state,
            facts.error_code,
            facts.esm_class,
        )
    return _written(dialect, facts)


def preceding_octets(dialect: Dialect, facts: ReceiptFacts) -> bytes:
    """Return the body of the receipt that some vendors send before the final one, empty if there is none."""
    if not dialect.preceding_stat:
        return b""
    state = STATES[dialect.preceding_stat.encode()]
    return _written(dialect, attrs.evolve(facts, message_state=state, error_code=0, esm_class=FINAL_RECEIPT))


def _written(dialect: Dialect, facts: ReceiptFacts) -> bytes:
    message_id = _receipt_id(dialect, facts.message_id)
    text = _text(dialect, facts, message_id)
    tlvs = _tlvs(dialect, facts, message_id)
    is_final = facts.esm_class == FINAL_RECEIPT
    esm_class = dialect.receipt_esm_class if is_final else dialect.intermediate_esm_class
    addresses = facts.addresses
    if dialect.receipt_addresses == "swapped":
        split = addresses.index(0, 2) + 1
        addresses = addresses[split:] + addresses[:split]
    if dialect.receipt_pdu == "data_sm":
        # service_type, addresses, esm_class, registered_delivery, data_coding (SMPP 3.4 section 4.7.1).
        return b"\0" + addresses + bytes((esm_class, 0, 0)) + tlvs + _payload(text)
    if dialect.receipt_text_place == "message_payload" or len(text) > SM_LENGTH_MAX:
        return b"\0" + addresses + bytes((esm_class, *_ZEROS, 0)) + tlvs + _payload(text)
    return b"\0" + addresses + bytes((esm_class, *_ZEROS, len(text))) + text + tlvs


_ZEROS: Final = bytes(8)
"""protocol_id, priority_flag, two empty times, and the four octets before sm_length."""


def _payload(text: bytes) -> bytes:
    return _tlv(c.TAG_MESSAGE_PAYLOAD, text) if text else b""


def _tlv(tag: int, value: bytes) -> bytes:
    return tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def _receipt_id(dialect: Dialect, message_id: bytes) -> bytes:
    if dialect.receipt_id_case != "as_issued":
        message_id = message_id.upper() if dialect.receipt_id_case == "upper" else message_id.lower()
    return message_id.rjust(dialect.receipt_id_digits, b"0")


def _text(dialect: Dialect, facts: ReceiptFacts, message_id: bytes) -> bytes:
    template = receipt_template(dialect.receipt_template)
    err = _err(dialect, facts)
    stat = STATS[facts.message_state]
    word = dialect.receipt_stats.get(stat.decode())
    if word is not None:
        stat = word.encode().replace(b"{err}", err)
    return template.render(
        {
            "id": message_id,
            "sub": b"001",
            "dlvrd": b"001" if facts.message_state == c.DELIVERED else b"000",
            "submit": _date(dialect, facts.submitted_at),
            "done": _date(dialect, facts.done_at),
            "stat": stat,
            "err": err,
            "text": _repeated(dialect, facts),
        }
    )


def _err(dialect: Dialect, facts: ReceiptFacts) -> bytes:
    code = facts.error_code
    if not code and facts.message_state not in _WITHOUT_CAUSE and facts.esm_class == FINAL_RECEIPT:
        # As the plain receipt has it: a failure without a known cause is not err:000.
        code = NO_CAUSE
    word = dialect.receipt_errs.get(str(code))
    if word is not None:
        return word.encode()
    digits = b"%X" % code if dialect.receipt_err_format == "hex" else b"%d" % code
    return digits.rjust(dialect.receipt_err_digits, b"0")[-dialect.receipt_err_digits :]


_WITHOUT_CAUSE: Final = frozenset({c.DELIVERED, c.ENROUTE, c.ACCEPTED})


def _date(dialect: Dialect, unix_s: float) -> bytes:
    local_s = unix_s + dialect.utc_offset_min * 60.0
    date = receipt_date(local_s)
    if dialect.receipt_date_digits > 10:
        date += b"%02d" % (int(local_s) % 60)
    return b"20" + date if dialect.receipt_date_digits == 14 else date


def _repeated(dialect: Dialect, facts: ReceiptFacts) -> bytes:
    if not dialect.receipt_text_octets or not facts.text_octets:
        return b""
    text = decode_text(facts.data_coding, facts.text_octets, dialect.default_alphabet)
    return text[: dialect.receipt_text_octets].encode("ascii", "replace").replace(b"\0", b" ")


def _tlvs(dialect: Dialect, facts: ReceiptFacts, message_id: bytes) -> bytes:
    pieces: list[bytes] = []
    for name in dialect.receipt_tlvs_included:
        if name == "message_state":
            pieces.append(_tlv(c.TAG_MESSAGE_STATE, bytes((facts.message_state,))))
        elif name == "receipted_message_id":
            pieces.append(_tlv(c.TAG_RECEIPTED_MESSAGE_ID, message_id + b"\0"))
        elif facts.error_code:
            value = bytes((NETWORK_GSM,)) + facts.error_code.to_bytes(2, "big")
            pieces.append(_tlv(c.TAG_NETWORK_ERROR_CODE, value))
    return b"".join(pieces)
