"""Results as a table in the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.routing.scenario import RoutingScenario

_COLUMNS: Final = ("delivered", "lost", "p50 s", "p95 s", "switch", "back", "swings", "twice", "cost")

Results = Sequence[Mapping[str, Any]]


def show(scenarios: Sequence[RoutingScenario], results: Results, wall_s: float) -> None:
    """Print a table for each scenario; of several seeds the worst of each figure."""
    console = Console()
    for scenario in scenarios:
        mine = [result for result in results if result["scenario"] == scenario.name]
        console.print(_table(scenario, mine))
        for result in mine:
            for line in result["goals_missed"]:
                console.print(
                    f"  [red]missed[/red] {result['strategy']}, seed {result['seed']}: {line}",
                    highlight=False,
                )
        console.print()
    console.print(
        "lost: never shown by a handset\n"
        "switch, back: seconds until traffic had moved, and until it had come back\n"
        "swings: how often it left again after that\n"
        "twice: delivered messages of which two copies could be seen at once\n"
        f"cost: of a thousand delivered ones. {wall_s:,.0f} s in all.",
        style="dim",
        highlight=False,
    )


def _table(scenario: RoutingScenario, results: Results) -> Table:
    first = results[0]
    seeds = sorted({result["seed"] for result in results})
    many = f", the worst of {len(seeds)} seeds" if len(seeds) > 1 else f", seed {seeds[0]}"
    title = (
        f"{scenario.name}: {scenario.comparison.description}"
        if scenario.comparison.description
        else scenario.name
    )
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption=f"{first['messages']:,} messages, {first['messages_per_s']:g} a second{many}",
        caption_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
    )
    table.add_column("strategy", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for strategy in dict.fromkeys(result["strategy"] for result in results):
        table.add_row(strategy, *_row([one for one in results if one["strategy"] == strategy]))
    return table


def _row(results: Results) -> list[str]:
    has_missed = any(result["goals_missed"] for result in results)
    delivered = min(result["delivered_share"] or 0.0 for result in results)
    lost = max(result["reachable"] - result["delivered"] for result in results)
    share = f"{delivered:.3%}"
    return [
        f"[red]{share}[/red]" if has_missed else share,
        f"{lost:,}",
        _worst(results, "p50_to_handset_s", ".1f"),
        _worst(results, "p95_to_handset_s", ".1f"),
        _switch(results),
        _back(results),
        _worst(results, "oscillations", "d"),
        _worst(results, "duplicates_seen_share", ".2%"),
        f"{max((result['cost_per_delivered'] or 0.0) for result in results) * 1000:.2f}",
    ]


def _worst(results: Results, key: str, spelling: str) -> str:
    values = [result[key] for result in results if result[key] is not None]
    return format(max(values), spelling) if values else "-"


def _switch(results: Results) -> str:
    if any(result["has_switched"] is False for result in results):
        return "never"
    return _worst(results, "switch_s", ".0f")


def _back(results: Results) -> str:
    asked = [effect for result in results for effect in result["degradations"] if effect["is_asked"]]
    values = [effect["recover_s"] for effect in asked]
    if not values or all(value is None for value in values):
        return "-"
    return f"{max(value for value in values if value is not None):.0f}"
