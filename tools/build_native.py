#!/usr/bin/env python3
"""Build the voice core in C (firmware/native) for this machine and for the chips."""

import argparse
import sys


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", action="store_true", help="a shared library for CPython on this machine")
    parser.parse_args()
    return 0


if __name__ == "__main__":
    sys.exit(main())
