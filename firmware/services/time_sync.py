"""Sets the chip's clock before any certificate is verified, and keeps it right.

At the start the clock gets the later of the release's date and the time stored in flash. Then SNTP sets it
once a day; until SNTP has, the Date header of the registrar or of an HTTP server does.
"""

import compat
from compat import const
from services.clock import SNTP

KEPT = "clock"  # in the board's storage: seconds since 1970, in decimal
_KEEP_S = const(86400)  # the flash is written once a day at most
_LOOK_MS = const(500)
_FIRST_RETRY_S = const(60)
_INTERVAL_S = const(86400)
_STEP_S = const(60)
_FIRST_WAIT_MS = const(1000)  # for each of three responses, while lines wait to register
_WAIT_MS = const(3000)
_LOOK_UP_MS = const(50)
_LOOK_UPS = const(200)
_A = const(1)  # the DNS type


def kept(storage) -> int:
    """The stored time in seconds since 1970; 0 for none."""
    try:
        content = storage.read(KEPT) or b""
    except OSError:
        return 0
    return int(content) if compat.is_digits(content, 11, b"0123456789") else 0


def keep(storage, seconds: int) -> None:
    """Store the time for the next start, unless the stored time is less than a day old."""
    if not 0 <= seconds - kept(storage) < _KEEP_S:
        try:
            storage.write(KEPT, b"%d" % seconds)
        except OSError:
            pass  # a full flash: the release's date is still there


async def run(phone) -> None:
    """Ask the time server while `phone` (app.phone.Phone) runs."""
    retry_s = _FIRST_RETRY_S
    while True:
        while phone.address is None:
            await compat.sleep(_LOOK_MS)
        try:
            await _ask(phone)
            wait_s, retry_s = _INTERVAL_S, _FIRST_RETRY_S
        except OSError as error:
            phone.log.warning("time: %s" % error)
            wait_s, retry_s = retry_s, min(2 * retry_s, _INTERVAL_S)
        if phone.waits_for_time:
            phone.go_on()
        compat.forget("net.sntp")
        for _ in range(wait_s // _STEP_S):
            await compat.sleep(_STEP_S * 1000)


async def _ask(phone):
    from net import sntp

    host, _, port = phone.settings.network.ntp.partition(":")
    clock = phone.clock
    address = await _address(phone.resolver, host)
    seconds = await sntp.ask(
        address,
        int(port or sntp.PORT),
        clock.floor,
        lambda text: phone.log.warning("time: " + text),
        _FIRST_WAIT_MS if phone.waits_for_time else _WAIT_MS,
    )
    if not clock.set(seconds, SNTP):
        raise OSError("%s says an impossible time, which is ignored" % host)
    phone.log.info("time: set by %s" % host)
    keep(phone.board.storage, clock.utc())


async def _address(resolver, host):
    if not host.strip("0123456789."):
        return host
    for _ in range(_LOOK_UPS):
        found = resolver.lookup(host, _A, compat.ticks_ms())
        if found is not None:
            break
        await compat.sleep(_LOOK_UP_MS)
    if not found:
        raise OSError("unknown time server: %s" % host)
    return found[0]
