"""A chip in its serial loader, for the real esptool: esp32-mock-bootloader, with a flash of any size.

    python mock_chip.py esp32s3 8 [--worn]

prints its port and runs until its standard input closes. A line there names a file for the bytes of the
flash; the answer is the number of commands that have written or erased so far.
"""

import select
import subprocess
import sys
import threading
from pathlib import Path

WORN = 0x12345


class MockChip:
    """`chip` with `flash_mib` of empty flash, in a process of its own; `port` is the one for esptool.

    `worn`: one byte of the flash, at WORN, always stays 0.
    """

    def __init__(self, chip, flash_mib, worn=False):
        command = [sys.executable, __file__, chip, str(flash_mib), *(["--worn"] if worn else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self._process.stdout.readline().strip()
        assert self.port, "the mock did not start"
        self._chip = chip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def dump(self, path):
        """(the bytes of its flash, how many commands have written or erased something)."""
        self._process.stdin.write(str(path) + "\n")
        self._process.stdin.flush()
        commands = int(self._process.stdout.readline())
        return path.read_bytes(), commands

    def read(self, offset, size, path):
        """Read bytes of its flash through esptool."""
        command = [
            sys.executable,
            "-m",
            "esptool",
            "--chip",
            self._chip,
            "--port",
            self.port,
            "--after",
            "no-reset",
            "read-flash",
            hex(offset),
            hex(size),
            str(path),
        ]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
        return path.read_bytes()


def make_flash(flash_mib):
    """The mock's flash, which counts in `commands` the commands that change it."""
    from esp32_mock_bootloader import protocol, server

    # The mock drops a client that is silent for this long, which happens on a busy machine.
    server._CLIENT_RECV_TIMEOUT = 10
    # This long after a write it would forget the loader's stub, even in the middle of a command.
    server._FLASH_END_IDLE_SEC = 1e9
    protocol.FLASH_MOCK_SIZE = flash_mib << 20
    # JEDEC: maker and kind of a Winbond flash, and log2 of its size.
    protocol.MOCK_FLASH_ID = (flash_mib << 20).bit_length() - 1 << 16 | 0x40EF

    class Flash(server.FlashImage):
        commands = 0
        number = 0

        def begin_defl(self, payload):
            super().begin_defl(payload)
            self.number = 0

        def write_defl_block(self, payload):
            """The mock's own goes byte by byte: too slow for esptool's timeout on a busy machine."""
            number = int.from_bytes(payload[4:8], "little")
            if number != self.number:
                return  # a repetition, because the answer was late
            self.number += 1
            octets = self._decompressor.decompress(payload[16:])
            self.data[self._defl_offset : self._defl_offset + len(octets)] = octets
            self._defl_offset += len(octets)
            if "--worn" in sys.argv:
                self.data[WORN] = 0

    flash = Flash()

    def count(change):
        def changes(*arguments):
            # A write command starts with its length; esptool wakes the flash with one of length 0.
            if not isinstance(arguments[:1] and arguments[0], bytes) or any(arguments[0][:4]):
                flash.commands += 1
            return change(*arguments)

        return changes

    for name in ("begin_defl", "begin_plain", "erase_all", "erase_region"):
        setattr(flash, name, count(getattr(flash, name)))
    return flash


def serve(chip, flash):
    from esp32_mock_bootloader import server

    stop = threading.Event()

    class Line(server.PtyMasterTransport):
        def recv(self, size):
            """Receive a whole frame: the mock decodes everything again for each piece."""
            octets = super().recv(size)
            while octets and octets[-1:] != b"\xc0" and select.select([self._master], [], [], 0.1)[0]:
                octets += super().recv(size)
            return octets

    transport = Line.create()
    print(transport.client_path, flush=True)
    while True:
        server.handle_client(server.BootloaderConnection(pty=transport), stop, chip, flash=flash)


if __name__ == "__main__":
    memory = make_flash(int(sys.argv[2]))
    threading.Thread(target=serve, args=(sys.argv[1], memory), daemon=True).start()
    for line in sys.stdin:
        Path(line.rstrip("\n")).write_bytes(memory.data)
        print(memory.commands, flush=True)
