"""The first code that a chip runs: it starts the phone, or says in one line that the heap is too small.

This module imports nothing at module level, so that the line can be printed even if the heap is almost full.
"""


def start(load):
    """The result of load(); 3, and a line on the console, when memory ends before the phone runs."""
    try:
        return load()
    except MemoryError:
        pass
    # Outside of `except` the modules loaded so far are garbage; collecting them makes room for the line.
    import gc
    import sys

    gc.collect()
    total = (gc.mem_alloc() + gc.mem_free()) // 1024  # type: ignore[attr-defined]
    print(
        "Not enough memory: a heap of %d KB is too small for the phone. It needs 144 KB with" % total,
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
