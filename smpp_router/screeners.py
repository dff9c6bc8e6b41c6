# From configuration, lexicons, model and an operator's own rules to a screener, first and again. Reading the
# words takes a second, so they are read again only if their files have changed; a screener around words that
# are known is made in no time.
"""Making screeners from files."""

import datetime
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import attrs

from smpp_router.compliance.lexicon import LexiconError
from smpp_router.compliance.model import ModelError
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.config import RouterConfig
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.lexicon_files import MODEL_FILE, load_keywords, load_text_model
from smpp_router.net.reloading import LoadRefusedError
from smpp_router.own_rules import RuleError, load_rules

Fingerprint = tuple[tuple[str, int, int], ...]
"""Of some files: name, size, and when they were written."""


@attrs.define(eq=False)
class Screeners:
    """Makes screeners for one router."""

    _words: TextScreen | None = None
    _of_words: Fingerprint = ()
    _of_rules: Fingerprint = ()

    def made(self, config: RouterConfig) -> Screener | None:
        """Make what a configuration says of screening; None: nothing. Raises LoadRefusedError."""
        compliance = config.compliance
        if compliance is None:
            return None
        try:
            of_words, of_rules = _fingerprint(_word_files(compliance)), _fingerprint(_rule_files(compliance))
            words = self._words
            if words is None or of_words != self._of_words:
                today = datetime.datetime.now(datetime.UTC).date()
                folder = compliance.lexicons
                # Beside the loop of a router, which is let run between any two steps.
                keywords = load_keywords(folder, partial(time.sleep, 0))
                words = TextScreen(keywords, load_text_model(folder), today)
            rules = load_rules(compliance)
            screener = Screener(compliance, words, time.perf_counter, rules, time.thread_time)
        except (LexiconError, ModelError, RuleError, OSError) as error:
            raise LoadRefusedError(tuple(str(error).splitlines())) from error
        self._words, self._of_words, self._of_rules = words, of_words, of_rules
        return screener

    def renewed(self, old: RouterConfig, new: RouterConfig) -> Screener | None:
        """Make what a new configuration says; None if that, and all files, are as before. Raises as above."""
        compliance = new.compliance
        if compliance is None:
            return None
        try:
            is_same = (
                old.compliance == compliance
                and _fingerprint(_word_files(compliance)) == self._of_words
                and _fingerprint(_rule_files(compliance)) == self._of_rules
            )
        except OSError as error:
            raise LoadRefusedError((str(error),)) from error
        return None if is_same else self.made(new)


def _fingerprint(paths: Iterator[Path]) -> Fingerprint:
    stats = ((str(path), path.stat()) for path in paths)
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _word_files(compliance: ComplianceConfig) -> Iterator[Path]:
    folder = compliance.lexicons
    if folder is not None:
        yield from sorted((*folder.glob("*.tsv"), *folder.glob(MODEL_FILE)))


def _rule_files(compliance: ComplianceConfig) -> Iterator[Path]:
    for rule in compliance.own_rules:
        if rule.enabled and rule.file is not None and rule.file.exists():
            yield rule.file
