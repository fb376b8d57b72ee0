"""Runs the tests of one file on MicroPython: `micropython mp_runner.py FILE TEST…`.

Every test's end is one line on standard output, `@@ passed NAME MS` or `@@ failed NAME MS`; what stands
between such lines belongs to the test that ends next.
"""

import gc
import sys
import time

# The folder of this file: its `network.py` is not the one that the firmware means.
sys.path.pop(0)


def run(path, names):
    folder, _, name = path.rpartition("/")
    sys.path.append(folder)
    module = __import__(name.rsplit(".", 1)[0])
    for name in names:
        gc.collect()
        start = time.ticks_ms()
        try:
            getattr(module, name)()
            result = "passed"
        except Exception as error:
            sys.print_exception(error)
            result = "failed"
        print("\n@@ %s %s %d" % (result, name, time.ticks_diff(time.ticks_ms(), start)))


run(sys.argv[1], sys.argv[2:])
