"""Prints the checksum of every vector; run by another interpreter, with the firmware on its path.

`micropython print_checksums.py [CORE]`: the module that is the core, `media.reference` unless named.
"""

import sys

import vectors

name = sys.argv[1] if len(sys.argv) > 1 else "media.reference"
voice_core = __import__(name, None, None, ("new",))
for vector in vectors.VECTORS:
    print(vector.__name__, vectors.checksum(voice_core, vector))
