"""Prints the checksum of every vector; run by another interpreter, with the firmware on its path.

`micropython print_checksums.py [CORE [VECTORS]]`: the module that is the core, `media.reference` unless named,
and the module of its vectors, `vectors` unless named.
"""

import sys

name = sys.argv[1] if len(sys.argv) > 1 else "media.reference"
vectors = __import__(sys.argv[2] if len(sys.argv) > 2 else "vectors")
core = __import__(name, None, None, ("new",))
for vector in vectors.VECTORS:
    print(vector.__name__, vectors.checksum(core, vector))
