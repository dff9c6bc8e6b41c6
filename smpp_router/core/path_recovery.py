# After a restart: messages with paths and their copies, as the store's facts tell of them.
#
#   a copy that a carrier had taken    awaits its receipt
#   one that none had taken            is queued again at its carrier, which may have had it
#   one whose carrier is gone          ends UNKNOWN: it may have gone out
#   one whose message has ended        is taken back, or called back
#   a message                          goes on from its ledger; with no copy yet, from the beginning
"""Taking up messages with paths where a crash left them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count

from smpp_router.core.bundles import Bundle, Path, recovered_stage
from smpp_router.core.commit import Commit
from smpp_router.core.paths import ONE_BY_ONE, Paths
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import Copy, Message, PathEnd
from smpp_router.routing.redundancy import Stage
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c


def recover(paths: Paths, recovered: Recovered, now: float, commit: Commit) -> list[Message]:
    """Take up all that has to do with paths; return the queued messages that have not.

    What awaits its receipt from a carrier that is still there stands in Flight already. The caller settles.
    """
    if not (paths.configs or recovered.copies or recovered.path_ends):
        return recovered.queued
    copies = {copy.message_id: copy for copy in recovered.copies}
    named = {copy.parent_id for copy in recovered.copies} | {end.parent_id for end in recovered.path_ends}
    queued_copies: list[Message] = []
    rest: list[Message] = []
    for message in recovered.queued:
        if message.message_id in copies:
            queued_copies.append(message)
        elif message.message_id in named or message.traffic_class in paths.configs:
            paths.retries.decide(message)
            paths.flight.accept(message)
            _enter(paths, message, now)
        else:
            rest.append(message)
    _tell(paths, recovered)
    for message in queued_copies:
        _requeue(paths, message, copies[message.message_id], now, commit)
    for copy in recovered.copies:
        if copy.message_id not in paths.bundles:
            paths.recalls.ask(copy.message_id)
    return rest


def _enter(paths: Paths, message: Message, now: float) -> None:
    if message.traffic_class in paths.configs:
        bundle = paths.opened(message, now)
    else:
        bundle = paths.bundles[message.message_id] = Bundle(message, ONE_BY_ONE, [])
    paths.ending.touched.append(bundle)


def _tell(paths: Paths, recovered: Recovered) -> None:
    """Put what the store knows of each path where it belongs."""
    ends: dict[int, list[PathEnd]] = {}
    for end in recovered.path_ends:
        if end.parent_id in paths.bundles:
            ends.setdefault(end.parent_id, []).append(end)
    live: dict[int, list[Copy]] = {}
    for copy in recovered.copies:
        if copy.parent_id in paths.bundles:
            live.setdefault(copy.parent_id, []).append(copy)
    for message_id in sorted(ends.keys() | live.keys()):
        _retell(paths, paths.bundles[message_id], ends.get(message_id, ()), live.get(message_id, ()))


def _retell(paths: Paths, bundle: Bundle, ends: Sequence[PathEnd], live: Sequence[Copy]) -> None:
    bundle.paths = _paths(paths, bundle.paths, {end.path: end.carrier for end in (*ends, *live)})
    by_number = {path.number: path for path in bundle.paths}
    tries: Counter[int] = Counter()
    for end in sorted(ends, key=lambda end: end.ended_at):
        path = by_number[end.path]
        bundle.copies += 1
        path.copy_id, path.order = end.copy_id, bundle.copies
        path.stage = recovered_stage(end.is_taken, end.message_state)
        path.message_state, path.error_code, path.ended_at = end.message_state, end.error_code, end.ended_at
        # Whether it was silence or an answer that could not be read, a restart does not tell apart.
        path.is_doubtful = path.is_doubtful or path.stage is Stage.UNKNOWN
        tries[end.path] += path.stage is Stage.REFUSED
    for copy in sorted(live, key=lambda copy: (copy.made_at, copy.message_id)):
        path = by_number[copy.path]
        bundle.copies += 1
        path.copy_id, path.order, path.started_at = copy.message_id, bundle.copies, copy.made_at
        path.stage = Stage.NEW
        path.confirm_by = paths.confirm_by(bundle, path, copy.made_at)
        paths.bundles[copy.message_id] = bundle
        paths.plans.remark(bundle, copy.protocol_id)
        tries[copy.path] += 1
    bundle.round = max(1, *tries.values())


def _paths(paths: Paths, planned: Sequence[Path], used: Mapping[int, str]) -> list[Path]:
    """Return the paths that were used, under the numbers that they had, and planned ones for those gone."""
    room = len(planned) - sum(carrier in paths.carriers for carrier in used.values())
    left = [path.carrier for path in planned if path.carrier not in used.values()][: max(0, room)]
    free = (number for number in count() if number not in used)
    carriers = {**used, **dict(zip(free, left, strict=False))}
    return [Path(number, carriers[number]) for number in sorted(carriers)]


def _requeue(paths: Paths, message: Message, copy: Copy, now: float, commit: Commit) -> None:
    """Take up a copy that no carrier is known to have taken."""
    paths.flight.accept(message)
    bundle = paths.bundles.get(message.message_id)
    if bundle is None:
        # What it is a copy of has ended.
        paths.ending.end(message, c.DELETED, 0, now, commit, Cause.CANCEL)
    elif copy.carrier not in paths.carriers or (message.is_sent_once and message.is_recorded):
        paths.ending.end(message, c.UNKNOWN, 0, now, commit, Cause.SILENCE)
    else:
        paths.retries.decide(message)
        paths.plans.send_by(message, copy.carrier, message.decision)
        message.attempts = paths.attempts(bundle, paths.carriers[copy.carrier])
        paths.retries.place([message], now)
