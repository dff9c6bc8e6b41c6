# Rules of an operator's own: files and installed packages that the configuration names, loaded once at the
# start. What happens when they fail later on is told in compliance/rulebook.py.
#
# Rule 1: nothing is loaded that the configuration does not name: an installed rule is not used by itself.
# Rule 2: every problem is told at once, each with the file it is in and the key that named the file.
"""Loading the rules of an operator's own."""

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, cast

from smpp_router.compliance.rulebook import Check, Rule
from smpp_router.config_compliance import ComplianceConfig, OwnRuleConfig

GROUP: Final = "smpp_router.rules"
"""The group of entry points in which installed packages offer rules."""
_MODULE: Final = "smpp_router_own_rule_"
"""What a file's module is called, with the rule's name behind it."""


class RuleError(Exception):
    """Rules cannot be loaded; the message has a line for each problem."""


def load_rules(config: ComplianceConfig) -> tuple[Rule, ...]:
    """Load the enabled rules of a configuration, in its order.

    Their files are run as any module is when it is imported. Raises RuleError.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    for index, own in enumerate(config.own_rules):
        if not own.enabled:
            continue
        key = f"compliance.own_rules[{index}]"
        try:
            check, code = _from_entry_point(own, key) if own.file is None else _from_file(own, own.file, key)
        except RuleError as error:
            problems.append(str(error))
        else:
            rules.append(Rule(own.name, check, own.fail, own.budget_us / 1e6, code))
    if problems:
        raise RuleError("\n".join(problems))
    return tuple(rules)


def installed() -> Iterator[str]:
    """Names of the rules that installed packages offer, whether or not they are used."""
    yield from sorted({point.name for point in entry_points(group=GROUP)})


def _from_file(own: OwnRuleConfig, file: Path, key: str) -> tuple[Check, str]:
    name = _MODULE + own.name.replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RuleError(f"{file}: must be a Python file, ending in .py ({key}.file)")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickles look their own module up there while it is being run.
    sys.modules[name] = module
    try:
        code = hashlib.sha256(file.read_bytes()).hexdigest()
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise RuleError(f"{file}: {_told(error, file)} ({key}.file)") from error
    check = _checked(getattr(module, own.function, None), f"{file}: {own.function}", f"{key}.function")
    return check, code


def _from_entry_point(own: OwnRuleConfig, key: str) -> tuple[Check, str]:
    found = [point for point in entry_points(group=GROUP) if point.name == own.entry_point]
    if not found:
        known = ", ".join(installed()) or "none"
        problem = f'no installed package offers "{own.entry_point}" in the group {GROUP}; known: {known}'
        raise RuleError(f"{key}.entry_point: {problem}")
    if len({point.value for point in found}) > 1:
        offered = ", ".join(sorted(point.value for point in found))
        raise RuleError(f'{key}.entry_point: several packages offer "{own.entry_point}": {offered}')
    point: EntryPoint = found[0]
    try:
        found_check: object = point.load()
    except (Exception, SystemExit) as error:
        told = f"{type(error).__name__}: {error}"
        raise RuleError(f'{key}.entry_point: "{own.entry_point}" is {point.value}: {told}') from error
    package = "" if point.dist is None else f" {point.dist.name} {point.dist.version}"
    return _checked(found_check, f"{key}.entry_point: {point.value}", ""), point.value + package


def _checked(found: object, what: str, key: str) -> Check:
    """Return what can be asked. Raises RuleError for what cannot."""
    behind = f" ({key})" if key else ""
    if found is None:
        raise RuleError(f"{what}: there is no such function{behind}")
    if not callable(found):
        raise RuleError(f"{what}: is no function, but {type(found).__name__}{behind}")
    try:
        inspect.signature(found).bind(None)
    except TypeError as error:
        raise RuleError(f"{what}: must take one argument, the case: {error}{behind}") from error
    except ValueError:
        # Some functions of compiled modules do not tell what they take.
        return cast(Check, found)
    return cast(Check, found)


def _told(error: BaseException, file: Path) -> str:
    """What went wrong, and in which line of the file."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"line {error.lineno}: {error.msg}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)
    ]
    place = f"line {lines[-1]}: " if lines else ""
    return f"{place}{type(error).__name__}: {error}".removesuffix(": ")
