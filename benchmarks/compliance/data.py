# The texts to train and to measure with. ../shared/data lies beside a checkout and is not part of it;
# own.tsv is.
"""Labelled texts: what was collected by others, and what was written for this project."""

import gzip
import json
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from benchmarks.compliance.corrections import contradicts

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
OWN = Path(__file__).parent / "own.tsv"
BLIND = ("blind", "blind-2", "blind-3")
"""Texts that only judge, by three hands: files of this folder, and names of sources."""
FILES = ("fbs", "sms80w_spam", "mudou", "nus_zh")

FBS_CLASSES = {
    "AD:Retail": "retail",
    "AD:Network_service": "network_service",
    "AD:Other": "other_marketing",
    "AD:Real_estate": "real_estate",
    "AD:Loan": "loan",
    "FR:Phishing(Bank)": "bank_phishing",
    "FR:Phishing(Other)": "other_phishing",
    "FR:Financial": "investment_fraud",
    "FR:Other": "other_fraud",
    "IL:Gambling": "gambling",
    "IL:Fake_ID_and_invoice": "fake_documents",
    "IL:Political_propaganda": "political",
    "IL:Escort_service": "escort",
    "Other": "notification",
}
SMS80W_CLASSES = {
    "贷款诈骗_1": "loan",
    "二手车推销信息_2": "vehicles",
    "房地产推销信息_3": "real_estate",
    "服务业广告推送信息_4": "services",
    "冒充银行扣款类、提供姓名及卡号转账诈骗_5": "transfer_request",
    "招聘信息_6": "recruiting",
}


@attrs.frozen
class Sample:
    """One text."""

    id: str
    source: str
    text: str
    category: str | None
    """None: nobody knows."""
    illicit: bool | None
    """None: not to be judged by."""
    cluster: str
    """Texts of one template share it."""
    held_out: bool
    sub: str = ""
    """The class as the source names it."""
    suspect: bool = False
    """The label was found wrong by a look at the text."""
    labelled_illicit: bool | None = None
    """As the source has it."""
    variant: int = 0
    """Own texts: which one of its line."""


def shared_samples() -> Iterator[Sample]:
    """Read what was collected by others; nothing, where it is missing."""
    for name in FILES:
        path = SHARED / f"{name}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield from (_sample(json.loads(line)) for line in lines)


def _sample(row: dict[str, Any]) -> Sample:
    category, illicit = _meaning(row["src"], row["label"], row["sub"])
    suspect = bool(row.get("suspect_label")) or contradicts(row["src"], row["sub"], row["text"])
    return Sample(
        id=row["id"],
        source=row["src"],
        text=row["text"],
        category=None if suspect and row["src"] != "fbs" else category,
        illicit=None if suspect else illicit,
        labelled_illicit=illicit,
        cluster=f"{row['cluster']}",
        held_out=row["split"] == "dev",
        sub=row["sub"],
        suspect=suspect,
    )


# The class of fake base stations' spam that a category belongs to; what is missing here is Other.
FBS_GROUPS = {category: name for name, category in FBS_CLASSES.items()} | {
    "services": "AD:Retail", "vehicles": "AD:Retail", "recruiting": "AD:Other", "job_scam": "AD:Other",
    "education": "AD:Other", "travel": "AD:Other", "transfer_request": "FR:Other", "crypto": "FR:Financial",
    "card_cash_out": "AD:Loan", "collection": "AD:Loan", "government_impersonation": "FR:Phishing(Other)",
    "delivery_phishing": "FR:Phishing(Other)", "cheating_devices": "AD:Other",
    "personal_data": "IL:Fake_ID_and_invoice",
}  # fmt: skip

# Illicit whoever sends it. Loans are: no platform lets them pass. Marketing is not: it has rules, and a
# sender who keeps them may send it.
_ILLICIT = (
    "loan bank_phishing other_phishing investment_fraud other_fraud gambling fake_documents political "
    "escort transfer_request crypto surrogacy job_scam card_cash_out collection personal_data "
    "cheating_devices drugs_weapons superstition government_impersonation delivery_phishing lottery_prize"
)
ILLICIT = frozenset(_ILLICIT.split())


def _meaning(source: str, label: str, sub: str) -> tuple[str | None, bool | None]:
    """The category of a row and whether it is illicit, as far as its source tells."""
    if source == "fbs":
        category = FBS_CLASSES[sub]
        return category, category in ILLICIT
    if source == "sms80w_spam":
        category = SMS80W_CLASSES.get(sub)
        return category, None if category is None else category in ILLICIT
    if source == "nus_zh":
        return "personal", False
    # mudou's spam is advertising with a little of everything; its ham is notices, marketing of known
    # firms and private.
    return (None, False) if label == "ham" else (None, None)


OWN_VARIANTS = 6
"""Texts made of one own line, if it has so many; of a line with more braces, one for each."""


def own_samples() -> Iterator[Sample]:
    """Read the texts that were written for this project, with their variants."""
    for number, line in enumerate(OWN.read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        category, pattern = line.split("\t")
        rng = random.Random(f"{category}{pattern}")
        count = max(OWN_VARIANTS, pattern.count("{"))
        texts = dict.fromkeys(varied(pattern, rng) for _ in range(count))
        for variant, text in enumerate(texts):
            yield Sample(
                id=f"own-{number}-{variant}",
                source="own",
                text=text,
                category=category,
                illicit=category in ILLICIT,
                cluster=f"own-{number}",
                held_out=zlib.crc32(pattern.encode()) % 8 == 0,
                sub=category,
                labelled_illicit=category in ILLICIT,
                variant=variant,
            )


def blind_samples() -> Iterator[Sample]:
    """Read the texts that were written only to judge by."""
    for name in BLIND:
        path = Path(__file__).parent / f"{name}.tsv"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.startswith("#"):
                continue
            label, kind, text = line.split("\t")
            illicit = label == "illicit"
            yield Sample(
                id=f"{name}-{number}",
                source=name,
                text=text,
                category=None,
                illicit=illicit,
                cluster=f"{name}-{number}",
                held_out=True,
                sub=kind,
                labelled_illicit=illicit,
            )


_CHOICE = re.compile(r"\{([^{}]*)\}")


def varied(pattern: str, rng: random.Random) -> str:
    """One text of a line: a choice for each brace, from the inside out."""
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda match: _chosen(match[1], rng), pattern)
    return pattern


def _chosen(choice: str, rng: random.Random) -> str:
    if choice.isdigit():
        # {4} is four digits; {955} and other numbers that are no length stand for themselves.
        length = int(choice)
        return "".join(rng.choice("0123456789") for _ in range(length)) if length < 20 else choice
    if choice == "link":
        name = "".join(rng.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(rng.randint(3, 9)))
        host = (
            rng.choice(("http://", "https://", "www.", ""))
            + name
            + rng.choice((".com", ".cn", ".top", ".cc"))
        )
        return host + rng.choice(("", "/", f"/{name[::-1]}"))
    if choice == "name":
        return rng.choice("王李张刘陈杨赵黄周吴") + rng.choice(
            ("经理", "伟", "丽", "先生", "女士", "强", "敏")
        )
    if choice == "id":
        return "".join(rng.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(rng.randint(5, 10)))
    return rng.choice(choice.split("|"))
