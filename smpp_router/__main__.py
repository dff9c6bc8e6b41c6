"""`python -m smpp_router` is `smpp-router`."""

import sys

from smpp_router.cli import main

if __name__ == "__main__":
    sys.exit(main())
