# The pass over the exchange that a reload is; whole routers are reloaded in tests/net/test_reloading.py.
import random

import attrs

from smpp_router.config import RoutesConfig
from smpp_router.core.reload import Fresh, apply
from smpp_router.routing.router import made_router
from tests.core.talk import Talk


def test_every_part_that_asks_the_router_asks_the_new_one() -> None:
    talk = Talk()
    exchange = talk.exchange
    config = attrs.evolve(exchange.config, routes=RoutesConfig(default=("unicom",)))
    router = made_router(config, random.Random(1), exchange.health)
    apply(exchange, Fresh(config=config, router=router), talk.now)
    asked = {exchange.router, exchange.retries.router, exchange.intake.router, exchange.paths.plans.router}
    assert asked == {router}


def test_without_a_new_router_the_old_one_keeps_its_memory() -> None:
    talk = Talk()
    before = talk.exchange.router
    apply(talk.exchange, Fresh(config=talk.exchange.config), talk.now)
    assert talk.exchange.router is before
