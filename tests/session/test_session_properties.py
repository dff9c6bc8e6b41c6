"""Whatever a peer sends and an owner does: no exception, nothing forbidden handed out, nothing lost."""

from collections import Counter, deque

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smpp_router.session.states import WITHOUT_RESPONSE, Role, State, allowed_from
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode, encode_body, header_only
from smpp_router.wire.framing import Framer
from smpp_router.wire.layouts import LAYOUTS
from tests.session.peers import LIMITS, NOW, RESPONSE, bind, deliver_sm, opened, said, submit_sm, summary
from tests.wire import pdus

PEER_OF = {Role.MC: Role.ESME, Role.ESME: Role.MC}
REQUESTS = {Role.MC: deliver_sm, Role.ESME: submit_sm}
BINDS = [c.BIND_TRANSMITTER, c.BIND_RECEIVER, c.BIND_TRANSCEIVER]
# Near the numbers that the session itself gives out, so that responses meet requests.
numbers = st.integers(1, 12) | pdus.number
any_pdu = st.one_of(
    pdus.pdus,
    pdus.unknown_pdus,
    st.sampled_from(sorted(LAYOUTS)).flatmap(lambda command_id: pdus.pdus_of(command_id, 0)),
    st.sampled_from([c.ENQUIRE_LINK, c.UNBIND, c.SUBMIT_SM, c.DELIVER_SM]).flatmap(pdus.pdus_of),
)
responses = pdus.unknown_pdus | st.one_of(
    [pdus.pdus_of(command_id) for command_id in sorted(LAYOUTS) if command_id & RESPONSE]
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """A few PDUs of any kind, perhaps with some octets changed; or octets that are nothing."""
    if draw(st.integers(0, 30)) == 0:
        return draw(st.binary(min_size=1, max_size=60))
    sent: list[bytes] = []
    for pdu in draw(st.lists(any_pdu, min_size=1, max_size=5)):
        pdu.sequence_number = draw(numbers)
        octets = bytearray(encode(pdu))
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
            # Behind the command_length, most of the time, or hardly any stream would live.
            first = draw(st.sampled_from([4, 4, 4, 4, 4, 4, 0]))
            octets[draw(st.integers(first, len(octets) - 1))] = draw(pdus.octet)
        sent.append(bytes(octets))
    return b"".join(sent)


class SessionMachine(RuleBasedStateMachine):
    """A session between an owner that does what it may and a peer that does anything."""

    @initialize(role=st.sampled_from(Role))
    def open(self, role: Role) -> None:
        self.session = opened(role)
        self.now = NOW
        self.sent = 0
        self.given_back: list[object] = []
        self.owed: list[p.Pdu] = []
        self.heard = Framer()

    @property
    def is_live(self) -> bool:
        return self.session.close_reason is None

    def take(self, arrivals: list[p.Pdu], before: State) -> None:
        """Check what the session handed out in one go."""
        session = self.session
        peer = PEER_OF[session.role]
        allowed = allowed_from(peer, before) | allowed_from(peer, session.state)
        for arrival in arrivals:
            if arrival.command_id & RESPONSE:
                if not isinstance(arrival.request, p.Bind):
                    self.given_back.append(arrival.request)
                continue
            assert type(arrival) is not p.Malformed
            assert type(arrival) is not p.UnknownPdu
            assert arrival.command_id in allowed
            assert arrival.command_id not in (c.ENQUIRE_LINK, c.UNBIND)
            if isinstance(arrival, p.Bind):
                assert arrival is session.bind
                assert session.state is State.BINDING
            elif arrival.command_id not in WITHOUT_RESPONSE:
                self.owed.append(arrival)

    @rule(data=streams())
    def receive(self, data: bytes) -> None:
        session = self.session
        before = session.state
        was_live = self.is_live
        waiting = len(session._held)
        requests = Counter(
            x.sequence_number
            for x in self.heard.feed(data)
            if not x.command_id & RESPONSE and x.command_id not in WITHOUT_RESPONSE
        )
        already_said = summary(self._peek())
        arrivals = session.receive(data, self.now)
        if not was_live:
            assert arrivals == []
        self.take(arrivals, before)
        if was_live and self.is_live and before not in (State.BINDING, State.OPEN):
            # Every request is answered or handed out, once.
            answered = [number for _, _, number in summary(self._peek())[len(already_said) :]]
            handed = [x.sequence_number for x in arrivals if x in self.owed and not x.command_id & RESPONSE]
            unbind = session._ending._unbind
            if unbind is not None and requests[unbind.sequence_number]:
                # An unbind that waits for its answer is neither; one of an earlier read is not among these.
                assert requests - Counter(answered + handed) <= Counter([unbind.sequence_number])
            else:
                assert requests == Counter(answered + handed)
        assert waiting <= len(session._held) <= 1000

    @precondition(lambda self: len(self.session.window) > 0)
    @rule(data=st.data(), pdu=responses)
    def answer_ours(self, data: st.DataObject, pdu: p.Pdu) -> None:
        """With any kind of response, the right one among them."""
        pdu.sequence_number = data.draw(st.sampled_from(sorted(self.session.window._entries)))
        self.receive(encode(pdu))

    def _peek(self) -> list[p.Pdu]:
        framer = Framer()
        found = framer.feed(b"".join(self.session._outbox))
        assert (framer.buffered, framer.error) == (0, None)
        return found

    @precondition(lambda self: self.session.role is Role.MC and self.session.state is State.BINDING)
    @rule(status=st.sampled_from([0, 0, 0, c.ESME_RINVPASWD]))
    def decide(self, status: int) -> None:
        if status:
            self.take(self.session.reject_bind(status, self.now), State.OPEN)
        else:
            self.take(self.session.accept_bind(b"mc", self.now, 8, LIMITS), State.OPEN)

    @precondition(lambda self: self.session.role is Role.ESME and self.session.state is State.OPEN)
    @rule(command_id=st.sampled_from(BINDS), status=st.sampled_from([0, 0, 0, 0, c.ESME_RBINDFAIL]))
    def start_bind(self, command_id: int, status: int) -> None:
        """With its answer, which chance alone would hardly ever give."""
        request = bind(command_id)
        self.session.start_bind(request, self.now)
        resp = p.BindResp(request.sequence_number, status, command_id | RESPONSE, b"mc")
        self.receive(encode(resp))

    @precondition(lambda self: self.session.role is Role.MC and self.session.state is State.OPEN)
    @rule(command_id=st.sampled_from(BINDS), number=numbers)
    def be_bound(self, command_id: int, number: int) -> None:
        self.receive(encode(bind(command_id, number)))
        if self.session.state is State.BINDING:
            self.decide(0)

    @precondition(lambda self: self.session.can_submit or self.session.can_deliver)
    @rule(count=st.integers(1, 3))
    def request(self, count: int) -> None:
        session = self.session
        if not (session.can_submit if session.role is Role.ESME else session.can_deliver):
            return
        for _ in range(min(count, session.window.room)):
            session.request(REQUESTS[session.role](), self.sent, self.now)
            self.sent += 1

    @precondition(lambda self: self.owed)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        request = self.owed.pop(data.draw(st.integers(0, len(self.owed) - 1)))
        self.session.answer([header_only(request.command_id | RESPONSE, 0, request.sequence_number)], 1)

    @rule(seconds=st.sampled_from([0.0, 0.25, 1.0, 5.0, 30.0]))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.given_back += [x for x in self.session.tick(self.now) if not isinstance(x, p.Bind)]

    @rule()
    def write(self) -> None:
        said(self.session)

    @rule(how=st.sampled_from(["unbind", "unbind", "close", "lose"]))
    def end(self, how: str) -> None:
        if how == "unbind":
            self.session.unbind(self.now)
        elif how == "close":
            self.session.close("enough")
        else:
            self.given_back += [x for x in self.session.lose() if not isinstance(x, p.Bind)]

    @invariant()
    def books_balance(self) -> None:
        session = self.session
        assert session.unanswered == len(self.owed)
        assert session.outbox_bytes == sum(map(len, session._outbox))
        assert len(set(self.given_back)) == len(self.given_back)
        assert set(self.given_back) <= set(range(self.sent))
        if not self.is_live or not session.is_bound:
            assert not session.can_submit
            assert not session.can_deliver
        if session._outbox or session.close_reason is not None:
            assert session in session.writable

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.given_back += [x for x in self.session.lose() if not isinstance(x, p.Bind)]
            assert Counter(self.given_back) == Counter(range(self.sent))


TestSession = SessionMachine.TestCase


# ---------------------------------------------------------------------- two sessions back to back


class Conversation:
    """An ESME's session and the MC's, connected by two pipes; owners answer when they are told to."""

    def __init__(self, octets_at_once: int) -> None:
        self.octets_at_once = octets_at_once
        self.ends = {Role.ESME: opened(Role.ESME), Role.MC: opened(Role.MC)}
        self.pipes = {Role.ESME: bytearray(), Role.MC: bytearray()}
        self.got: dict[Role, list[p.Pdu]] = {Role.ESME: [], Role.MC: []}
        self.answers: dict[Role, list[tuple[object, int]]] = {Role.ESME: [], Role.MC: []}
        self.owed: dict[Role, deque[p.Pdu]] = {Role.ESME: deque(), Role.MC: deque()}
        self.sent: dict[Role, list[p.Pdu]] = {Role.ESME: [], Role.MC: []}

    def settle(self, now: float = NOW) -> None:
        """Carry octets both ways until nobody has anything to say."""
        while any(session.outbox_bytes for session in self.ends.values()):
            for role, session in self.ends.items():
                octets = session.take_output()
                for at in range(0, len(octets), self.octets_at_once):
                    self._arrive(PEER_OF[role], octets[at : at + self.octets_at_once], now)

    def _arrive(self, role: Role, octets: bytes, now: float) -> None:
        session = self.ends[role]
        arrivals = session.receive(octets, now)
        if role is Role.MC and session.state is State.BINDING:
            arrivals = session.accept_bind(b"mc", now, 8, LIMITS)
        for arrival in arrivals:
            if isinstance(arrival, p.BindResp):
                assert session.is_bound
            elif arrival.command_id & RESPONSE:
                self.answers[role].append((arrival.request, arrival.command_status))
            else:
                self.got[role].append(arrival)
                self.owed[role].append(arrival)

    def ask(self, role: Role, request: p.Pdu, now: float) -> None:
        session = self.ends[role]
        may = session.can_submit if role is Role.ESME else session.can_deliver
        if may and session.window.room > 0:
            session.request(request, request, now)
            self.sent[role].append(request)

    def answer(self, role: Role, status: int) -> None:
        if self.owed[role]:
            request = self.owed[role].popleft()
            encoded = header_only(request.command_id | RESPONSE, status, request.sequence_number)
            self.ends[role].answer([encoded], 1)


messages = {
    Role.ESME: st.sampled_from([c.SUBMIT_SM, c.DATA_SM, c.QUERY_SM, c.CANCEL_SM, c.SUBMIT_MULTI]),
    Role.MC: st.sampled_from([c.DELIVER_SM, c.DATA_SM]),
}
roles = st.sampled_from(Role)
asks = roles.flatmap(
    lambda role: st.tuples(
        st.just("ask"), st.just(role), messages[role].flatmap(lambda x: pdus.pdus_of(x, 0))
    )
)
steps = asks | st.tuples(st.just("answer"), roles, st.sampled_from([0, 0, c.ESME_RTHROTTLED]))
steps |= st.tuples(st.just("settle"), roles, st.just(0)) | st.tuples(st.just("tick"), roles, st.just(30))


def converse(
    script: list[tuple[str, Role, object]], command_id: int, ending: Role, octets_at_once: int
) -> Conversation:
    talk = Conversation(octets_at_once)
    talk.ends[Role.ESME].start_bind(bind(command_id), NOW)
    talk.settle()
    now = NOW
    for verb, role, what in script:
        match verb, what:
            case "ask", p.Pdu():
                talk.ask(role, what, now)
            case "answer", int():
                talk.answer(role, what)
            case "tick", int():
                talk.settle(now)
                now += what
                # Without expiry: what a slow owner means for its peer is not the subject here.
                talk.ends[role].window.expire(now, 1e9)
            case _:
                talk.settle(now)
    talk.settle(now)
    talk.ends[ending].unbind(now)
    talk.settle(now)
    for role in Role:
        while talk.owed[role]:
            talk.answer(role, 0)
    talk.settle(now)
    return talk


@given(
    script=st.lists(steps, max_size=25),
    command_id=st.sampled_from(BINDS),
    ending=roles,
    octets_at_once=st.integers(1, 200),
)
def test_everything_that_one_end_sends_the_other_gets_and_answers(
    script: list[tuple[str, Role, object]], command_id: int, ending: Role, octets_at_once: int
) -> None:
    talk = converse(script, command_id, ending, octets_at_once)
    for role in Role:
        peer = PEER_OF[role]
        assert talk.got[peer] == talk.sent[role]
        assert talk.ends[role].unanswered == 0
        assert talk.ends[role].close_reason is not None
        # The end that unbinds takes answers until the other has answered that; what is left is given back.
        lost = talk.ends[role].lose()
        assert Counter(map(id, lost)) + Counter(id(x) for x, _ in talk.answers[role]) == Counter(
            map(id, talk.sent[role])
        )
        if role is ending:
            assert lost == []


@given(script=st.lists(steps, max_size=15), command_id=st.sampled_from(BINDS), ending=roles)
def test_a_conversation_octet_by_octet_is_the_same_conversation(
    script: list[tuple[str, Role, object]], command_id: int, ending: Role
) -> None:
    whole = converse(script, command_id, ending, 1 << 20)
    numbers = {role: [x.sequence_number for x in whole.sent[role]] for role in Role}
    by_octet = converse(script, command_id, ending, 1)
    for role in Role:
        assert by_octet.got[role] == whole.got[role]
        assert by_octet.answers[role] == whole.answers[role]
        assert [x.sequence_number for x in by_octet.sent[role]] == numbers[role]
        assert by_octet.ends[role].close_reason == whole.ends[role].close_reason
        assert by_octet.ends[role].counters == whole.ends[role].counters


@given(st.lists(st.tuples(pdus.pdus_of(c.SUBMIT_SM, 0), numbers), min_size=1, max_size=8), st.data())
def test_bodies_sent_as_they_are_arrive_as_they_were(
    messages: list[tuple[p.Pdu, int]], data: st.DataObject
) -> None:
    talk = Conversation(data.draw(st.integers(1, 300)))
    talk.ends[Role.ESME].start_bind(bind(), NOW)
    talk.settle()
    sent = [message for message, _ in messages]
    talk.ends[Role.ESME].request_bodies(c.SUBMIT_SM, [encode_body(x) for x in sent], sent, NOW)
    talk.settle()
    assert [encode_body(x) for x in talk.got[Role.MC]] == [encode_body(x) for x in sent]
    while talk.owed[Role.MC]:
        talk.answer(Role.MC, 0)
    talk.settle()
    assert [request for request, _ in talk.answers[Role.ESME]] == sent
