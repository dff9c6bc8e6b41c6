"""`python -m simulators carriers|esme|demo|world ...`: the simulators without their installed commands."""

import sys

USAGE = """usage: python -m simulators {carriers,esme,demo,world} ...

  carriers   simulated carriers on their own (smpp-carriers)
  esme       send messages, offer load, listen (smpp-esme)
  demo       router, carriers and customers on this machine
  world      the same in virtual time, with everything going wrong, from one seed"""


def main(argv: list[str]) -> int:
    """Hand over to the named part; return its exit status."""
    part, rest = (argv[0], argv[1:]) if argv else ("", [])
    # Imported when named: the load generator should not pay for the demo's terminal.
    if part == "carriers":
        from simulators import carriers_cli  # noqa: PLC0415 - see above

        return carriers_cli.main(rest)
    if part == "esme":
        from simulators import esme_cli  # noqa: PLC0415 - see above

        return esme_cli.main(rest)
    if part == "demo":
        from simulators import demo  # noqa: PLC0415 - see above

        return demo.main(rest)
    if part == "world":
        from simulators.world import cli  # noqa: PLC0415 - see above

        return cli.main(rest)
    print(USAGE, file=sys.stdout if part in ("-h", "--help") else sys.stderr)
    return 0 if part in ("-h", "--help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
