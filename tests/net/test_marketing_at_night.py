"""The whole way on a virtual clock, with a store that is closed and opened: hours of marketing hold."""

from pathlib import Path

import trio
import trio.testing

from smpp_router.compliance.screener import Screener
from smpp_router.config import ClassConfig
from smpp_router.config_compliance import (
    ComplianceConfig,
    HoursConfig,
    RegistrationConfig,
    ScreenedClassConfig,
)
from smpp_router.net.router import Pace
from tests.router_fixtures import NUMBER, START, account, message_ids, on_memory, profile

SLOWLY = Pace(tick_s=0.25, librarian_s=0.25)
ACCOUNTS = (account(traffic_class="offers", validity_s=86_400.0),)
CLASSES = (ClassConfig(name="default"), ClassConfig(name="offers", delivery="at_most_once"))
OFFER = "【示例商城】全场五折，拒收请回复R"


def screener(hours: HoursConfig) -> Screener:
    config = ComplianceConfig(
        registrations=(RegistrationConfig(account="bank", kind="shop"),),
        classes=(ScreenedClassConfig(name="offers", kind="marketing"),),
        marketing_hours=hours,
    )
    return Screener(config, None, trio.current_time)


async def test_what_waited_when_the_router_was_stopped_leaves_when_hours_begin_again(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    # START is four in the afternoon in Shanghai; a router that starts begins there again.
    assert START % 86_400 == 8 * 3_600
    by_day, from_two_past = HoursConfig(), HoursConfig(since="16:02")
    async with (
        on_memory(
            tmp_path,
            screener=screener(by_day),
            is_reachable=False,
            pace=SLOWLY,
            accounts=ACCOUNTS,
            classes=CLASSES,
        ) as world,
        world.esme() as esme,
    ):
        message_ids(await esme.submit(NUMBER, OFFER))
    async with on_memory(
        tmp_path, profile(), screener=screener(from_two_past), pace=SLOWLY, accounts=ACCOUNTS, classes=CLASSES
    ) as world:
        exchange = world.running.exchange
        await trio.sleep(100.0)
        assert world.carrier().counters.messages == 0
        assert exchange.quiet_hours is not None
        assert exchange.quiet_hours.put_off_count == 1
        await trio.sleep(21.0)
        assert world.carrier().counters.messages == 1
