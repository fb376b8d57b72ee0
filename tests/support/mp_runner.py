"""Runs the tests of one file on MicroPython: `micropython mp_runner.py FILE TEST…`.

At its end each test prints a line, `@@ passed NAME MS` or `@@ failed NAME MS`; output before such a line
belongs to that test.
"""

import gc
import sys
import time

# Removes this file's folder: its `network.py` is not the module that the firmware imports.
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
