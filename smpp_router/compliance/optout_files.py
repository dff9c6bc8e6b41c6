# What recipients have said, as files and programs have it: CSV with a head, or JSON lines. Both have the same
# names, so that what was exported can be imported again.
#
#   number     digits in international form, with or without + or 00
#   account    whose messages it is about
#   sender     one of the account's source addresses, or what such begin with; empty or *: all
#   category   a kind of traffic; *: everything; empty: marketing
#   state      refused (also if empty) or consented
#   at         when it was said, in unix seconds; empty: now
#   by, who, reason   how it came, from whom, and why; what a file says of `by` and `who` is not believed
"""Opt-outs in files: reading with every mistake named by its line, and writing."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, cast, get_args

import attrs

from smpp_router.config_compliance import ClassKind
from smpp_router.message.consent import Consent, HeardBy

Form = Literal["csv", "jsonl"]
FIELDS: Final = ("number", "account", "sender", "category", "state", "at", "by", "who", "reason")
KINDS: Final[tuple[str, ...]] = get_args(ClassKind)
REASON_MAX: Final = 500
"""Characters of a reason: a sentence or two."""
LINE_MAX: Final = 16_384
"""Characters of a line: ten times what the longest reason takes, however it is written."""
_DIGITS_MIN: Final = 3
_DIGITS_MAX: Final = 20
"""Of a number: short codes have three; SMPP's addresses end at 20 (SMPP 3.4 section 4.6.1)."""


Row = tuple[int, Mapping[str, Any] | str]
"""The number of a line, and what stands there or what is wrong with it."""


@attrs.frozen(kw_only=True)
class Origin:
    """Where words come from. `account`: whose they are if they do not say; None of `accounts`: any."""

    now: float
    by: HeardBy
    who: str = ""
    account: str = ""
    reason: str = ""
    accounts: frozenset[str] | None = None


class RefusedError(ValueError):
    """What is wrong, one line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


def plain_number(text: str) -> str:
    """Return a number's digits; empty if it is none."""
    digits = text.strip().translate(_FRILLS).removeprefix("+")
    digits = digits.removeprefix("00")
    return digits if digits.isascii() and digits.isdigit() and _fits(digits) else ""


_FRILLS: Final = str.maketrans("", "", " -()")


def _fits(digits: str) -> bool:
    return _DIGITS_MIN <= len(digits) <= _DIGITS_MAX


def consent_of(row: Mapping[str, Any], origin: Origin) -> Consent:
    """Read what one line says. Raises RefusedError, with all that is wrong in it."""
    wrong: list[str] = [f"{key}: unknown; known are {', '.join(FIELDS)}" for key in row if key not in FIELDS]
    texts = {key: _text(row, key, wrong) for key in FIELDS if key != "at"}
    number = plain_number(texts["number"])
    if not number:
        wrong.append("number: must be 3 to 20 digits in international form")
    account = texts["account"] or origin.account
    if not account:
        wrong.append("account: is missing")
    elif origin.accounts is not None and account not in origin.accounts:
        wrong.append(f"account: there is no account {account}")
    sender = "" if texts["sender"] == "*" else texts["sender"]
    if not sender.isascii() or not sender.isprintable() or len(sender) > _DIGITS_MAX:
        wrong.append("sender: must be at most 20 printable ASCII characters")
    category = texts["category"] or "marketing"
    if category != "*" and category not in KINDS:
        wrong.append(f"category: must be * or one of {', '.join(KINDS)}")
    if texts["state"] not in ("", "refused", "consented"):
        wrong.append("state: must be refused or consented")
    reason = texts["reason"] or origin.reason
    if len(reason) > REASON_MAX:
        wrong.append(f"reason: must be at most {REASON_MAX} characters")
    at = _time(row.get("at"), origin.now, wrong)
    if wrong:
        raise RefusedError(wrong)
    return Consent(
        at,
        account,
        number,
        is_refusal=texts["state"] != "consented",
        source_addr=sender,
        kind="" if category == "*" else category,
        by=origin.by,
        who=origin.who,
        reason=reason,
    )


def _text(row: Mapping[str, Any], key: str, wrong: list[str]) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if key == "number" and type(value) is int:
        return str(value)
    if not isinstance(value, str):
        wrong.append(f"{key}: must be a text")
        return ""
    return value.strip()


def _time(value: Any, now: float, wrong: list[str]) -> float:
    if value is None or value == "":
        return now
    try:
        at = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        at = -1.0
    if 0 <= at <= now:
        return at
    wrong.append("at: must be a time in unix seconds, and not one to come")
    return now


# ---------------------------------------------------------------------- reading


def read(octets: bytes, form: Form, origin: Origin, lines_max: int) -> list[Consent]:
    """Read a whole file. Raises RefusedError with every mistake, `line 3: number: ...` each.

    Line by line, from the octets on: who reads in a thread beside others holds them up for no whole file.
    """
    try:
        return _read(_csv_rows(octets) if form == "csv" else _json_rows(octets), origin, lines_max)
    except UnicodeDecodeError:
        raise RefusedError([f"line {_undecoded(octets)}: not UTF-8"]) from None


def _read(rows: Iterator[Row], origin: Origin, lines_max: int) -> list[Consent]:
    found: list[Consent] = []
    wrong: list[str] = []
    for count, (line, row) in enumerate(rows, 1):
        if count > lines_max:
            raise RefusedError([f"line {line}: more than {lines_max:,} lines; cut the file in pieces"])
        if isinstance(row, str):
            wrong.append(f"line {line}: {row}")
            continue
        try:
            found.append(consent_of(row, origin))
        except RefusedError as error:
            wrong += [f"line {line}: {problem}" for problem in error.problems]
    if wrong:
        raise RefusedError(wrong)
    return found


def _lines(octets: bytes, newline: str) -> Iterator[str]:
    """Read lines, each with its end. Raises UnicodeDecodeError, and RefusedError for one without an end."""
    text = io.TextIOWrapper(io.BytesIO(octets), "utf-8-sig", newline=newline)
    number = 0
    while line := text.readline(LINE_MAX + 1):
        number += 1
        if len(line) > LINE_MAX:
            raise RefusedError([f"line {number}: more than {LINE_MAX:,} characters"])
        yield line


def _undecoded(octets: bytes) -> int:
    """The number of the first line that is not UTF-8."""
    for number, line in enumerate(io.BytesIO(octets), 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    raise AssertionError("somebody has found such a line")


def _csv_rows(octets: bytes) -> Iterator[Row]:
    # With empty newline a line may end as on any machine, and csv sees how.
    reader = csv.reader(_lines(octets, ""), strict=True)
    names: list[str] = []
    try:
        for cells in reader:
            if not cells:
                continue
            if not names:
                names = [cell.strip().lower() for cell in cells]
                problem = _head_problem(names)
                if problem:
                    yield reader.line_num, problem
                    return
            elif len(cells) != len(names):
                yield reader.line_num, f"{len(cells)} columns, and the head names {len(names)}"
            else:
                yield reader.line_num, dict(zip(names, cells, strict=True))
    except csv.Error as error:
        yield reader.line_num, f"not CSV: {error}"


def _head_problem(names: list[str]) -> str:
    if "number" not in names:
        return f"the first line must name the columns, number at least; known are {', '.join(FIELDS)}"
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        return f"column {unknown[0]!r}: unknown; known are {', '.join(FIELDS)}"
    return f"column {names[0]}: stands there twice" if len(set(names)) < len(names) else ""


def _json_rows(octets: bytes) -> Iterator[Row]:
    for line, written in enumerate(_lines(octets, "\n"), 1):
        if not written.strip():
            continue
        try:
            value: object = json.loads(written)
        except (ValueError, RecursionError):
            yield line, "not JSON"
            continue
        yield line, cast("dict[str, Any]", value) if isinstance(value, dict) else "not a JSON object"


# ---------------------------------------------------------------------- writing


def row_of(consent: Consent) -> dict[str, Any]:
    """Give a consent as files and programs have it."""
    return {
        "number": consent.number,
        "account": consent.account,
        "sender": consent.source_addr,
        "category": consent.kind or "*",
        "state": "refused" if consent.is_refusal else "consented",
        "at": round(consent.at, 3),
        "by": consent.by,
        "who": consent.who,
        "reason": consent.reason,
    }


def written(consents: Iterable[Consent], form: Form) -> Iterator[str]:
    """Write consents, a line each; CSV begins with its head."""
    if form == "jsonl":
        for consent in consents:
            yield json.dumps(row_of(consent), ensure_ascii=False) + "\n"
        return
    yield _csv_line(FIELDS)
    for consent in consents:
        yield _csv_line(row_of(consent).values())


def _csv_line(cells: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue()


def _harmless(cell: Any) -> Any:
    """Keep a spreadsheet from taking a reason for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
