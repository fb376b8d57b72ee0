"""Every difference between CPython and MicroPython, and nothing else.

The rest of the firmware never checks which interpreter runs it: the names in this module behave the same on
both. Times are wrap-safe ticks in ms as MicroPython's `time.ticks_ms` returns them; only `ticks_add` and
`ticks_diff` may do arithmetic on them.
"""

import asyncio
import gc
import hashlib
import os
import socket
import sys
import time

try:
    from micropython import const
    from time import sleep_ms, ticks_add, ticks_diff, ticks_ms

    _MICROPYTHON = True
except ImportError:
    _MICROPYTHON = False

    # The period of the 32-bit ports, so that ticks wrap on a host as on a chip.
    _PERIOD = 1 << 30
    _HALF = _PERIOD >> 1

    def const(value):
        return value

    def ticks_ms() -> int:
        return int(time.monotonic() * 1000) & (_PERIOD - 1)

    def ticks_add(ticks: int, delta: int) -> int:
        return (ticks + delta) & (_PERIOD - 1)

    def ticks_diff(end: int, start: int) -> int:
        return ((end - start + _HALF) & (_PERIOD - 1)) - _HALF

    def sleep_ms(ms: int) -> None:
        time.sleep(ms / 1000)


_EAGAIN = const(11)
EMPTY = const(-1000)  # returned by `receive_into` for a datagram without octets


_SMALL_HEAP = const(300000)  # octets
_COLLECT_EVERY = const(8192)


def urandom(length: int) -> bytes:
    """`length` octets from the system's entropy source."""
    return os.urandom(length)


def collect() -> None:
    """Collect garbage now; to be called when a pause does no harm."""
    gc.collect()


def lookup(rows: tuple, key, default=None):
    """The value of `key` in a tuple of (key, value). Unlike a dict, a frozen tuple takes no heap."""
    for row in rows:
        if row[0] == key:
            return row[1]
    return default


def free_heap() -> "int | None":
    """Octets of free heap, without garbage that is not collected yet; None on CPython."""
    return gc.mem_free() if _MICROPYTHON else None


def keep_heap_whole() -> None:
    """Have a small heap collected before it is full: long-lived objects then lie close together, and large
    blocks stay free. A large heap is left alone, as each collection would take too long."""
    if _MICROPYTHON and gc.mem_alloc() + gc.mem_free() < _SMALL_HEAP:
        gc.threshold(_COLLECT_EVERY)


# As py/persistentcode.h of MicroPython numbers them.
_ARCHITECTURES = (
    "none",
    "x86",
    "x64",
    "armv6",
    "armv6m",
    "armv7m",
    "armv7em",
    "armv7emsp",
    "armv7emdp",
    "xtensa",
    "xtensawin",
    "rv32imc",
)


def native_format() -> str:
    """The architecture and ABI of native .mpy files that run here, as "xtensawin, ABI 6.3"; "" on CPython."""
    code = getattr(sys.implementation, "_mpy", 0)
    if not code:
        return ""
    number = code >> 10 & 15
    name = _ARCHITECTURES[number] if number < len(_ARCHITECTURES) else "architecture %d" % number
    return "%s, ABI %d.%d" % (name, code & 255, code >> 8 & 3)


def micropython_version() -> "tuple | None":
    """(1, 26, 1) on MicroPython; None elsewhere."""
    return tuple(sys.implementation.version[:3]) if _MICROPYTHON else None


def damage_of(module: str) -> str:
    """Why the native module that an import would find is unusable; "" if it is usable, or not there.

    MicroPython does not check a native module that it loads: a truncated file makes it hang. So
    tools/build_native.py appends a hash of each module, without the header, which MicroPython does check.
    """
    for folder in sys.path:
        try:
            file = open(folder + "/" + module + ".mpy", "rb")  # noqa: SIM115
        except OSError:
            continue
        with file:
            file.read(4)
            whole, end = hashlib.sha256(), b""
            while True:
                piece = file.read(512)
                if not piece:
                    break
                end += piece
                whole.update(end[:-8])
                end = end[-8:]
        return "" if whole.digest()[:8] == end else module + ".mpy is damaged"
    return ""


native_damage = damage_of("voice_core")


def decode(octets) -> str:
    """Octets as a string: decoded as UTF-8 if they are valid, else as Latin-1; never raises."""
    try:
        return str(octets, "utf-8")
    except UnicodeError:
        return "".join(chr(octet) for octet in bytes(octets))


def is_digits(text, longest: int, digits="0123456789") -> bool:
    """Whether `text` has 1 to `longest` characters, all of them in `digits`. Both str, or both bytes.

    `str.isdigit` is no substitute: on CPython it accepts "²" and other scripts, where `int` may fail.
    """
    return 1 <= len(text) <= longest and not text.strip(digits)


def compare_digest(one: bytes, other: bytes) -> bool:
    """Whether two secrets are equal; the time taken depends on their lengths only."""
    difference = len(one) ^ len(other)
    for index in range(min(len(one), len(other))):
        difference |= one[index] ^ other[index]
    return difference == 0


def family(host: str) -> int:
    """The address family of sockets that reach `host`: IPv6 for an IPv6 address, IPv4 for all else."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def socket_address(host: str, port: int):
    """An address as this interpreter's sockets take it, IPv4 for a name. Raises OSError (unknown host)."""
    return socket.getaddrinfo(host, port, family(host), socket.SOCK_DGRAM)[0][-1]


def any_address(host: str, port: int):
    """The address to bind to, on every interface, for the address family of `host`."""
    return socket_address("::" if ":" in host else "0.0.0.0", port)


def would_block(error: OSError) -> bool:
    """Whether `error` of a non-blocking socket is EAGAIN."""
    return error.errno == _EAGAIN


def host_and_port(address) -> "tuple[str, int]":
    """(host, port) of an address as `recvfrom` and `accept` return it."""
    if isinstance(address, (bytes, bytearray)):
        decoded = socket.sockaddr(address)
        return socket.inet_ntop(decoded[0], decoded[1]), decoded[2]
    host = address[0]
    # A link-local IPv6 address has a zone id (%interface), which SIP does not allow.
    return host.partition("%")[0] if "%" in host else host, address[1]


def forget(name: str) -> None:
    """Let go of a module that is not needed soon, if it is loaded; the next import loads it again.

    On CPython nothing happens: all importers should see the same classes.
    """
    if _MICROPYTHON:
        package, _, module = name.rpartition(".")
        if name in sys.modules:
            sys.modules[name] = None  # MicroPython's dict keeps the value of a deleted key
            del sys.modules[name]
            if package:
                setattr(sys.modules[package], module, None)
                delattr(sys.modules[package], module)


def forget_package(name: str) -> None:
    """`forget` every module of a package that is loaded."""
    inside = name + "."
    for each in [each for each in sys.modules if each.startswith(inside)]:
        forget(each)


def _swap_pairs(samples) -> None:
    """Exchange the 16-bit samples of each pair, in place."""
    for at in range(0, len(samples) - 3, 4):
        low, high = samples[at], samples[at + 1]
        samples[at] = samples[at + 2]
        samples[at + 1] = samples[at + 3]
        samples[at + 2] = low
        samples[at + 3] = high


swap_pairs = _swap_pairs

if _MICROPYTHON:
    from asyncio import core

    class ThreadSafeFlag:
        """`asyncio.ThreadSafeFlag` without its garbage: set from an interrupt, waited for by one task.

        asyncio's class is polled like a socket, and each wait takes 180 bytes of heap. This class puts its
        task back into asyncio's task queue, where asyncio finds it when it wakes for the next due task.
        `set` may run between any two bytecodes of the other methods; a second `set` has no effect.
        """

        def __init__(self):
            self._is_set = False
            self._waiting = None
            self._end = StopIteration()

        def set(self) -> None:
            if not self._is_set:
                self._is_set = True
                task, self._waiting = self._waiting, None
                if task is not None:
                    core._task_queue.push(task)

        def clear(self) -> None:
            self._is_set = False

        def wait(self):
            """To be awaited. Not a coroutine, because each would be an object on the heap."""
            return self

        def __iter__(self):
            return self

        def __next__(self):
            task = core.cur_task
            if not self._is_set:
                task.data = self  # on cancellation asyncio calls `task.data.remove`
                self._waiting = task
                if not self._is_set or self._waiting is None:
                    return  # suspended until `set`, which may have run since the line above
            self._waiting = task.data = None
            self._is_set = False
            self._end.__traceback__ = None
            raise self._end

        def remove(self, task) -> None:
            """Called by asyncio when the waiting task is cancelled."""
            self._waiting = None

    async def readable(sock) -> None:
        """Wait until `sock` has something to read."""
        yield core._io_queue.queue_read(sock)

    async def writable(sock) -> None:
        """Wait until `sock` takes more octets."""
        yield core._io_queue.queue_write(sock)

    # `await sleep(ms)` lets other tasks run. Not wrapped in a coroutine, which would take heap.
    sleep = asyncio.sleep_ms

    async def resolve(host: str, port: int):
        """`socket_address` for a host that may be a name. On MicroPython DNS blocks all tasks."""
        return socket_address(host, port)

    def _receive_into(sock, buffer) -> int:
        """Put a non-blocking socket's next datagram into `buffer`; its length, 0 if none waits, EMPTY for a
        datagram without octets, or -errno."""
        try:
            datagram = sock.recv(len(buffer))
        except OSError as error:
            return 0 if error.errno == _EAGAIN else -error.errno
        length = len(datagram)
        buffer[:length] = datagram
        return length or EMPTY

    try:
        if native_damage:
            raise ImportError
        # `recv` allocates, and `readinto` joins datagrams, as it reads until the buffer is full.
        from voice_core import receive_datagram as receive_into
        from voice_core import swap_pairs  # noqa: F401
    except (ImportError, ValueError, MemoryError):  # missing, for another architecture, or no IRAM left
        receive_into = _receive_into

else:

    class ThreadSafeFlag:
        """MicroPython's `asyncio.ThreadSafeFlag`: set from an interrupt, waited for by one task."""

        def __init__(self):
            self._event = asyncio.Event()

        def set(self) -> None:
            self._event.set()

        def clear(self) -> None:
            self._event.clear()

        async def wait(self) -> None:
            await self._event.wait()
            self._event.clear()

    async def _ready(sock, add, remove):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        number = sock.fileno()

        def wake():
            if not future.done():
                future.set_result(None)

        getattr(loop, add)(number, wake)
        try:
            await future
        finally:
            getattr(loop, remove)(number)

    async def readable(sock) -> None:
        """Wait until `sock` has something to read."""
        await _ready(sock, "add_reader", "remove_reader")

    async def writable(sock) -> None:
        """Wait until `sock` takes more octets."""
        await _ready(sock, "add_writer", "remove_writer")

    async def sleep(ms: int) -> None:
        """Let the other tasks run for `ms` milliseconds."""
        await asyncio.sleep(ms / 1000)

    async def resolve(host: str, port: int):
        """`socket_address` for a host that may be a name; the other tasks run meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(None, socket_address, host, port)

    def receive_into(sock, buffer) -> int:
        """Put a non-blocking socket's next datagram into `buffer`; its length, 0 if none waits, EMPTY for a
        datagram without octets, or -errno."""
        try:
            return sock.recv_into(buffer) or EMPTY
        except BlockingIOError:
            return 0
        except OSError as error:
            return -error.errno
