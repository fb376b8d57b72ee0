"""What a chip runs first: starts the phone, or says in one line that the heap is too small for it.

Imports nothing by itself, so that it can still speak where nothing else has room.
"""


def start(load):
    """What load() returns; 3, and a line on the console, where memory ends before the phone runs."""
    try:
        return load()
    except MemoryError:
        pass
    # Outside of `except`: what was loaded so far is garbage by now, and the line needs room.
    import gc
    import sys

    gc.collect()
    total = (gc.mem_alloc() + gc.mem_free()) // 1024  # type: ignore[attr-defined]
    print(
        "Not enough memory: a heap of %d KB is too small for the phone. It needs 120 KB with" % total,
        "the firmware frozen into the image, or a board with PSRAM.",
        file=sys.stderr,
    )
    return 3


def main():
    def load():
        from app import phone

        return phone.main()

    return start(load)


if __name__ == "__main__":
    main()
