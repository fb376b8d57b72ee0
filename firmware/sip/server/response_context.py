"""Forwarding a request to several targets and choosing among their responses (RFC 3261 §16.6 to §16.10).

Targets of equal q are tried in parallel, those with the next lower q when all before have failed. Events of a
branch:

    event                       action
    1xx other than 100          forwarded at once; timer C restarts
    2xx                         forwarded at once, also a second one; the other branches are cancelled
    6xx                         no more targets; the other branches are cancelled
    3xx-5xx, failure            kept; when no branch is left: next targets, or the best response is sent
    timer C                     CANCEL, or a 408 of our own if no provisional response came
    CANCEL from upstream        no more targets; all branches are cancelled
"""

from sip.syntax.grammar import ParseError
from sip.syntax.headers import CHALLENGES
from sip.transaction import TransactionUser

# Within a class, statuses that help the caller to try again are preferred (§16.7(6)).
_HELPFUL = (401, 407, 415, 420, 484)


class Target:
    """The target of one copy: a URI, its q in thousandths, and a connection to it, if there is one.

    `routes` are Route values for the copy; `binding` is the registrar's Binding, or None; `others` are
    further flows to the same phone, tried when this one has failed (RFC 5626 §7).
    """

    def __init__(self, uri, q: int = 1000, destination=None, transport=None, routes=(), binding=None):
        self.uri = uri
        self.q = q
        self.destination = destination
        self.transport = transport
        self.routes = routes
        self.binding = binding
        self.others = []

    @property
    def keeps_flow(self) -> bool:
        """Whether requests within its dialogs use the same connection."""
        return self.destination is not None and (self.transport != "udp" or self.is_outbound)

    @property
    def is_outbound(self) -> bool:
        return self.binding is not None and self.binding.flow is not None


class _Branch:
    """One forwarded copy: the user of its client transaction."""

    def __init__(self, context, target):
        self.context = context
        self.target = target
        self.client = None
        self.timer = None
        self.final = None

    def on_response(self, client, response, now):
        try:
            self.context.on_branch_response(self, response, now)
        except ParseError:
            # A malformed final response ends the branch too, or the request would wait forever.
            self.context.proxy.endpoint.count("malformed")
            if response.status >= 200:
                self.context.on_branch_final(self, None, 502, now)

    def on_failure(self, client, status, now):
        self.context.on_branch_final(self, None, status, now)

    def on_timer(self, name, now):
        # §16.8
        self.timer = None
        if self.client.state == "proceeding":
            self.client.cancel(now)
        else:
            self.context.on_branch_final(self, None, 408, now)


class ResponseContext(TransactionUser):
    """The response context of one request (§16): its server transaction, and its branches."""

    def __init__(self, proxy, server, targets, loop, breadth: int = 0, within: bool = False):
        self.proxy = proxy
        self.server = server
        self.loop = loop
        self.within = within  # the request is in a dialog that the proxy let through
        self._endpoint = proxy.endpoint
        self._invite = server.request.method == "INVITE"
        self._breadth = breadth
        self._targets = targets  # by descending q
        self._branches = []
        self._best = None
        self._cancelled = False
        self._done = False  # a final response went upstream, or none is wanted any more
        server.user = self

    def start(self, now: int) -> None:
        """Forward to the first targets."""
        self.proxy.contexts += 1
        self._fork(now)

    # From the server transaction

    def on_cancel(self, server, now: int) -> None:
        """Cancel all branches (§16.10), with the Reason of the CANCEL (RFC 3326 §2)."""
        try:
            reasons = server.cancelled_by.all("Reason")
        except ParseError:
            reasons = []
        self._cancel_branches(now, ", ".join(reasons) or None)

    # From the branches

    def on_branch_response(self, branch, response, now: int) -> None:
        """Handle a response of a branch (§16.7)."""
        if response.status == 100:
            return
        upstream = response.copy()
        upstream.pop("Via")
        if upstream.via is None:
            self._endpoint.count("responses_for_nobody")
            if response.status >= 200:
                self.on_branch_final(branch, None, 502, now)
            return
        upstream = self.proxy.returned(self, branch.target, branch.client.destination, upstream)
        if response.status < 200:
            self._restart_timer_c(branch, now)
            if not self._done and not self.server.answered:
                self.server.respond(upstream, now)
        elif response.status < 300:
            self._forward_success(branch, upstream, now)
        elif branch.final is None:
            self.on_branch_final(branch, upstream, upstream.status, now)

    def on_branch_final(self, branch, response, status: int, now: int) -> None:
        """A branch has failed: with `response`, or, if that is None, a `status` of our own."""
        if branch.final is not None:
            return
        self._settle(branch, status)
        if self._done:
            return
        if (status == 430 or response is None) and self._flow_failed(branch, now):
            return
        if status == 430:
            response, status = None, 480  # 430 stays among proxies (RFC 5626 §11.6)
        if response is None:
            response = self.server.response(status)
        self._consider(response)
        if status >= 600:
            self._cancel_branches(now)
        if all(each.final is not None for each in self._branches):
            if self._targets:
                self._fork(now)
            else:
                self._finish(now)

    # Inside

    def _fork(self, now):
        """Forward to the remaining targets with the highest q (§16.6)."""
        q = self._targets[0].q
        group = [target for target in self._targets if target.q == q]
        self._targets = self._targets[len(group) :]
        branches = [_Branch(self, target) for target in group]
        self._branches += branches
        for branch in branches:
            self._send(branch, self._breadth // len(group), now)

    def _send(self, branch, breadth, now):
        target, server = branch.target, self.server
        request = self.proxy.prepare(server.request, target, server.transport, server.source, breadth)
        branch.client = self._endpoint.request(
            request, branch, now, target.destination, target.transport, self.proxy.branch(self.loop)
        )
        if self._invite:
            self._restart_timer_c(branch, now)

    def _flow_failed(self, branch, now):
        """Drop the failed flow of a phone; returns whether another flow is tried (RFC 5626 §7)."""
        target = branch.target
        if target.binding is None or target.binding.flow is None:
            return False
        self.proxy.registrar.drop(target.binding)
        if not target.others or self._cancelled:
            return False
        following = _Branch(self, target.others[0])
        following.target.others = target.others[1:]
        self._branches.append(following)
        self._send(following, self._breadth, now)
        return True

    def _restart_timer_c(self, branch, now):
        if self._invite and branch.final is None:
            self._endpoint.timers.stop(branch.timer)
            branch.timer = self._endpoint.timers.start(self.proxy.timer_c_ms, branch, "C", now)

    def _forward_success(self, branch, response, now):
        if branch.final is None:
            self._settle(branch, response.status)
        # A 2xx after a rejection is not forwarded; without an ACK its sender gives up.
        if not self.server.answered or self._invite and self.server.state == "accepted":
            self.server.respond(response, now)
        if not self._done:
            from sip.syntax.reason import ELSEWHERE

            self._end()
            self._cancel_branches(now, ELSEWHERE)

    def _settle(self, branch, status):
        branch.final = status
        self._endpoint.timers.stop(branch.timer)
        branch.timer = None

    def _cancel_branches(self, now, reason=None):
        self._targets = []
        self._cancelled = True
        for branch in self._branches:
            if self._invite and branch.final is None:
                branch.client.cancel(now, reason)

    def _consider(self, response):
        """Keep the best response so far, with the challenges of all (§16.7(6), (7))."""
        best = self._best
        if best is None:
            self._best = response
            return
        better, other = best, response
        if _rank(response.status) < _rank(best.status):
            better, other = response, best
        if better.status in (401, 407):
            for name in CHALLENGES:
                for challenge in other.all(name):
                    better.add(name, challenge)
        self._best = better

    def _finish(self, now):
        self._end()
        best = self._best or self.server.response(408)
        if self.server.answered:
            return
        if best.status == 408 and not self._invite:
            self.server.drop(now)  # RFC 4320 §4.2: no late 408
            return
        if best.status == 503:
            best = self.server.response(500)  # §16.7(6): a 503 would say that we are overloaded
        self.server.respond(best, now)

    def _end(self):
        self._done = True
        self.proxy.contexts -= 1


def _rank(status):
    """Lower is better: 6xx first, then the lowest class; within a class the helpful ones (§16.7(6))."""
    kind = status // 100
    place = _HELPFUL.index(status) if status in _HELPFUL else 8 if status == 503 or status == 408 else 7
    return (0 if kind == 6 else kind) * 10 + place
