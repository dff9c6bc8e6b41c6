"""A commit knows whether there is anything to be done for it."""

import pytest

from smpp_router.core.commit import Commit
from smpp_router.message.consent import Consent
from smpp_router.message.lifecycle import SCREENED
from smpp_router.message.message import Delivery, Message
from smpp_router.message.review import Review
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


def test_what_a_full_store_has_not_taken_comes_before_what_was_staged_meanwhile() -> None:
    """But for its messages, and for what hangs on them."""
    tried, open_ = Commit(), Commit()
    consent = Consent(0.0, "bank", "8613900000001", is_refusal=True)
    review = Review(0.0, 2, "bank", is_accepted=True, reviewer="Li", reason="known")
    session = bound(Role.MC)
    tried.batch.accepted.append(MESSAGE)
    tried.batch.facts += [(SETTLED, 1, 0.0, 0, b""), (SETTLED, 2, 0.0, 0, b"")]
    tried.batch.consents.append(consent)
    tried.batch.reviews.append(review)
    tried.answers.append((session, [b"first"], 1))
    tried.sendings.append(("mobile", [MESSAGE]))
    tried.deliveries += [Delivery(1, "bank", b"", 0.0), Delivery(2, "bank", b"", 0.0)]
    open_.batch.facts += [(SETTLED, 1, 1.0, 0, b""), (SETTLED, 3, 1.0, 0, b"")]
    open_.batch.notes.append((SCREENED, [3], 1.0, 0, b""))
    open_.answers.append((session, [b"second"], 1))
    open_.deliveries.append(Delivery(3, "bank", b"", 0.0))
    open_.take_back(tried, {MESSAGE.message_id}, [(SCREENED, [2], 0.0, 0, b"")])
    assert open_.batch.accepted == []
    assert [fact[1] for fact in open_.batch.facts] == [2, 3]
    assert [note[1] for note in open_.batch.notes] == [[2], [3]]
    assert (open_.batch.consents, open_.batch.reviews) == ([consent], [review])
    assert [encoded for _, encoded, _ in open_.answers] == [[b"first"], [b"second"]]
    assert open_.sendings == tried.sendings
    assert [one.message_id for one in open_.deliveries] == [2, 3]
