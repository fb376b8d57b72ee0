"""A LittleFS file system as MicroPython's VfsLfs2 makes and mounts it on an ESP32.

The geometry is that of extmod/vfs_lfsx.c with the port's defaults. Files get no times, so that the same files
give the same image.
"""

BLOCK = 4096

# VfsLfs2's readsize, progsize and lookahead are 32; the cache is four times that.
_GEOMETRY: dict = {
    "block_size": BLOCK,
    "read_size": 32,
    "prog_size": 32,
    "cache_size": 128,
    "lookahead_size": 32,
    "block_cycles": 100,
}

_MAX_NAME = 255


class FileSystemError(Exception):
    """Files do not fit; the message is for a person to read."""


class FileSystem:
    """An image: its `octets` up to the last block in use, for a partition of `blocks` blocks."""

    def __init__(self, octets: bytes, blocks: int, used: int):
        self.octets = octets
        self.blocks = blocks
        self.used = used


def build(files: "list[tuple[str, bytes]]", size: int) -> FileSystem:
    """The file system with `files`, [(path, content)], for a partition of `size` bytes."""
    from littlefs import LittleFS, LittleFSError

    for name, _ in files:
        if any(not 1 <= len(part.encode()) <= _MAX_NAME for part in name.split("/")):
            raise FileSystemError("%s: not a name that the file system takes" % name)
    blocks = size // BLOCK
    try:
        fs = LittleFS(block_count=blocks, name_max=_MAX_NAME, **_GEOMETRY)
        for folder in sorted({folder for name, _ in files for folder in parents(name)}):
            fs.mkdir("/" + folder)
        for name, content in sorted(files):
            with fs.open("/" + name, "wb") as file:
                file.write(content)
        used = fs.used_block_count
        fs.unmount()
    except LittleFSError as error:
        total = sum(len(content) for _, content in files)
        raise FileSystemError(
            "%d bytes in %d files do not fit into %d: %s" % (total, len(files), size, error)
        )
    octets = bytes(fs.context.buffer)
    end = len(octets.rstrip(b"\xff"))
    return FileSystem(octets[: -(-end // BLOCK) * BLOCK], blocks, used)


def read(octets: bytes, size: int) -> "list[tuple[str, bytes]]":
    """[(path, content)] of the file system in `octets`, sorted; FileSystemError if there is none."""
    from littlefs import LittleFS, LittleFSError, UserContext

    context = UserContext(size)
    context.buffer[:] = bytearray(octets[:size].ljust(size, b"\xff"))
    try:
        fs = LittleFS(context=context, block_count=size // BLOCK, mount=False, **_GEOMETRY)
        fs.mount()
        found = []
        for folder, _, names in fs.walk("/"):
            for name in names:
                path = folder.rstrip("/") + "/" + name
                with fs.open(path, "rb") as file:
                    found.append((path[1:], file.read()))
    except LittleFSError as error:
        raise FileSystemError("no file system: %s" % error)
    return sorted(found)


def parents(name: str) -> "list[str]":
    """The folders above a path, outermost first."""
    steps = name.split("/")[:-1]
    return ["/".join(steps[: count + 1]) for count in range(len(steps))]
