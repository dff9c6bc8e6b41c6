# The rules of the house that no formatter knows: which way imports point, who may do I/O, and that each
# module has its test. They read the source, so that they hold for code that no test runs.
"""Import law, sizes, and completeness of the project's own source."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs
import pytest

from smpp_router import config as config_values
from smpp_router import config_compliance, config_routes

ROOT = Path(__file__).parents[1]
PACKAGE = "smpp_router"
LINES_MAX = 450

# A module imports its own layer or a lower one. The config values lie below all, since anybody may be told
# something; reading them from files, and starting it all, lies above.
LAYERS = {
    "config_checks": 0,
    "config": 0,
    "config_api": 0,
    "config_health": 0,
    "config_alarms": 0,
    "config_changes": 0,
    "config_compliance": 0,
    "config_confirmations": 0,
    "config_routes": 0,
    "portability": 0,
    "wire": 1,
    "session": 2,
    "message": 2,
    "compliance": 3,
    "routing": 3,
    "store": 3,
    "core": 4,
    "net": 5,
    "console": 6,
    "trace": 6,
    "config_file": 7,
    "config_fit": 7,
    "config_api_fit": 6,
    "config_compliance_fit": 6,
    "config_routes_fit": 7,
    "lexicon_files": 7,
    "own_rules": 7,
    "error_groups": 1,
    "collector": 1,
    "screeners": 7,
    "app": 7,
    "cli": 8,
    "cli_compliance": 8,
    "cli_hosts": 8,
    "cli_judge": 8,
    "cli_lexicon": 8,
    "cli_operate": 8,
    "cli_optout": 8,
    "cli_review": 8,
    "cli_route": 8,
    "cli_screen": 8,
    "cli_again": 8,
    "cli_update": 8,
    "__main__": 9,
}
# Neighbours that must not meet: core/ introduces a message to a session.
STRANGERS = {frozenset({"session", "message"})}
# Who may import trio: packages and modules at the rim, by path below smpp_router/.
RIM = ("net/", "console/", "app.py", "cli.py", "store/runner")
# Modules without a test file of their own, and why.
UNTESTED = {
    "__main__.py": "two lines, run by every test in test_cli.py that starts a process",
}


@attrs.frozen
class Module:
    """One source file of the package."""

    path: Path
    name: str
    """Dotted, such as smpp_router.wire.pdu; a package stands for its __init__."""
    tree: ast.Module = attrs.field(repr=False)

    @property
    def below(self) -> str:
        return self.path.relative_to(ROOT / PACKAGE).as_posix()

    @property
    def part(self) -> str:
        """wire, core, cli, ...; empty for smpp_router itself."""
        return self.name.removeprefix(PACKAGE).removeprefix(".").split(".")[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules(folder: str = PACKAGE) -> dict[str, Module]:
    files = sorted((ROOT / folder).rglob("*.py"))
    found = [Module(path, module_name(path), ast.parse(path.read_text("utf-8"))) for path in files]
    return {module.name: module for module in found}


@cache
def everything() -> dict[str, Module]:
    return {**modules(), **modules("simulators"), **modules("benchmarks")}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in a tree: in functions and for types, too."""
    files = everything()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            assert node.module is not None
            for alias in node.names:
                # `from package import name` names a module or something in the package.
                full = f"{node.module}.{alias.name}"
                yield full if full in files else node.module


def own_imports(module: Module) -> set[str]:
    return {name for name in imported(module.tree) if name.split(".")[0] == PACKAGE}


def part_of(name: str) -> str:
    return name.removeprefix(PACKAGE).removeprefix(".").split(".")[0]


def test_imports_are_seen_in_whichever_way_they_are_written() -> None:
    written = (
        "import smpp_router.cli\ndef f():\n  from smpp_router import config\nfrom smpp_router.cli import main"
    )
    assert set(imported(ast.parse(written))) == {"smpp_router.cli", "smpp_router.config"}
    assert "smpp_router.config_file" in own_imports(modules()["smpp_router.cli"])


def test_every_part_has_its_layer() -> None:
    assert {module.part for module in modules().values()} - {""} <= LAYERS.keys()


def test_imports_point_down() -> None:
    wrong = [
        f"{module.below} imports {name}"
        for module in modules().values()
        for name in sorted(own_imports(module))
        if part_of(name) and LAYERS[part_of(name)] > LAYERS.get(module.part, 0)
    ]
    assert wrong == []


def test_session_and_message_do_not_meet() -> None:
    wrong = [
        f"{module.below} imports {name}"
        for module in modules().values()
        for name in own_imports(module)
        if frozenset({module.part, part_of(name)}) in STRANGERS
    ]
    assert wrong == []


def test_only_the_rim_imports_trio() -> None:
    wrong = [
        module.below
        for module in modules().values()
        if not module.below.startswith(RIM)
        and any(name.split(".")[0] == "trio" for name in imported(module.tree))
    ]
    assert wrong == []


def test_the_router_does_not_import_what_is_built_around_it() -> None:
    around = {"simulators", "benchmarks", "tests"}
    wrong = [
        f"{module.below} imports {name}"
        for module in modules().values()
        for name in imported(module.tree)
        if name.split(".")[0] in around
    ]
    assert wrong == []


def test_imports_make_no_circle() -> None:
    done: set[str] = set()
    circles: list[str] = []

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            circles.append(" -> ".join((*trail[trail.index(name) :], name)))
        elif name not in done:
            for other in sorted(set(imported(everything()[name].tree)) & everything().keys()):
                visit(other, (*trail, name))
            done.add(name)

    for name in everything():
        visit(name, ())
    assert circles == []


def test_each_module_has_its_test_file() -> None:
    missing = [
        f"tests/{path.parent.as_posix()}/test_{path.name}".replace("/./", "/")
        for path in (Path(module.below) for module in modules().values())
        if path.name != "__init__.py"
        and path.as_posix() not in UNTESTED
        and not (ROOT / "tests" / path.parent / f"test_{path.name}").exists()
    ]
    assert missing == []


def test_the_exceptions_still_exist() -> None:
    assert [name for name in UNTESTED if not (ROOT / PACKAGE / name).exists()] == []


@pytest.mark.parametrize("folder", [PACKAGE, "simulators", "benchmarks", "tests"])
def test_no_file_is_longer_than_a_reader_bears(folder: str) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LINES_MAX} == {}


def test_a_virtual_clock_is_an_argument_of_its_test() -> None:
    """pytest-trio looks for one among the arguments only: by usefixtures it is made, and never heard."""
    unheard = [
        module.path.name
        for module in modules("tests").values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "usefixtures" and any("clock" in ast.unparse(argument) for argument in node.args)
    ]
    assert unheard == []


def test_every_key_of_the_configuration_is_read_by_something() -> None:
    """A key that nobody reads is a promise that nothing keeps."""
    config_parts = {
        "config_api",
        "config_api_fit",
        "config_compliance",
        "config",
        "config_routes",
        "config_checks",
        "config_routes_fit",
        "config_file",
        "cli",
    }
    read = {
        node.attr
        for module in modules().values()
        if module.part not in config_parts
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
    }
    unread = [
        f"{name}.{field.name}"
        for name, cls in (vars(config_values) | vars(config_routes) | vars(config_compliance)).items()
        if isinstance(cls, type) and attrs.has(cls)
        for field in attrs.fields(cls)
        if field.name not in read
    ]
    assert unread == []
