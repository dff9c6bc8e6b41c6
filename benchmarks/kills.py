# The router is killed with SIGKILL at random instants under load and started again on the same store, over
# and over. An independent client recounts: everything that it was promised must have ended, once.
"""`python -m benchmarks.kills`: kill -9 under load, and count what is lost."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import track

from benchmarks.processes import Process, carriers, started
from benchmarks.witness import Witness

WINDOW = 200
FINAL_S = 60.0
"""For the last router to bring what its predecessors owed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was lost, contradicted or answered twice."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kills",
        description="Kill the router with SIGKILL at random instants under load, and recount.",
    )
    parser.add_argument("--runs", type=int, default=200, help="kills (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the instants (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    result = campaign(arguments.runs, arguments.seed, is_shown=sys.stderr.isatty() and not arguments.json)
    if arguments.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name.replace('_', ' '):24} {value:,}")
    return 1 if result["lost"] or result["contradicted"] or result["answered_twice"] else 0


def campaign(runs: int, seed: int, *, is_shown: bool = False) -> dict[str, Any]:
    """Kill `runs` routers and let one more live; return the recount."""
    rng = random.Random(seed)
    witness = Witness()
    began_at = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="smpp-kills-") as store,
        carriers(3, response_s=0.02, receipt_s=0.1) as (carrier_process, addresses),
    ):
        command = ["benchmarks.throughput", "--router-only", "--carriers", addresses, "--store", store]
        numbers = range(runs)
        for _ in track(numbers, "kills", console=Console(stderr=True)) if is_shown else numbers:
            with started(command) as router:
                _bind(witness, router)
                witness.submit_for(rng.uniform(0.02, 0.5), WINDOW)
                router.kill()
            witness.close()
        with started(command) as router:
            _bind(witness, router)
            witness.wait_for_receipts(FINAL_S)
            witness.close()
            routed = router.finish()
        carried = carrier_process.finish()
    taken = sum(carrier["messages"] for carrier in carried["carriers"].values())
    return {
        "kills": runs,
        "seed": seed,
        "submitted": witness.submitted,
        "answered": len(witness.promised),
        "lost": len(witness.missing),
        "contradicted": witness.contradicted,
        "answered_twice": witness.promised_twice,
        "told_again": sum(sum(states.values()) - 1 for states in witness.told.values()),
        "taken_by_carriers": taken,
        "in_flight_at_end": routed["in_flight"],
        "seconds": round(time.monotonic() - began_at, 1),
    }


def _bind(witness: Witness, router: Process) -> None:
    ready = router.read()
    witness.connect(ready["port"], ready["system_id"], ready["password"])


if __name__ == "__main__":
    sys.exit(main())
