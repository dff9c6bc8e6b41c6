"""A commit knows whether there is anything to be done for it."""

import pytest

from smpp_router.core.commit import Commit
from smpp_router.message.message import Delivery, Message
from smpp_router.session.states import Role
from smpp_router.store.seam import SETTLED
from tests.session.peers import bound

MESSAGE = Message(1, 1, "bank", "default", b"body", b"addresses", 1, 1_700_000_000.0)


def test_a_new_commit_is_empty() -> None:
    assert not Commit()


@pytest.mark.parametrize(
    "stage",
    [
        lambda commit: commit.batch.accepted.append(MESSAGE),
        lambda commit: commit.batch.facts.append((SETTLED, 1, 0.0, 0, b"")),
        lambda commit: commit.answers.append((bound(Role.MC), [b""], 1)),
        lambda commit: commit.deliveries.append(Delivery(0, "bank", b"", 0.0)),
    ],
    ids=["a message", "a fact", "an answer", "a delivery"],
)
def test_a_commit_with_anything_to_say_is_not_empty(stage: object) -> None:
    commit = Commit()
    assert callable(stage)
    stage(commit)
    assert commit


def test_two_commits_share_nothing() -> None:
    """While one is written, the next is staged."""
    first, second = Commit(), Commit()
    first.batch.accepted.append(MESSAGE)
    first.releases.append(MESSAGE)
    first.sendings.append(("mobile", [MESSAGE]))
    first.deliveries.append(Delivery(0, "bank", b"", 0.0))
    assert not second
    assert (second.releases, second.sendings, second.accepts) == ([], [], [])
