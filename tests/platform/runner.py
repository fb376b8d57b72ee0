"""One test of behaviour/, on whichever interpreter: `runner.py CHIP FILE TEST`, CHIP chip_port or chip_standin."""

import sys


def main(chip, folder, file, test):
    sys.path.insert(0, folder + "/behaviour")
    sys.path.insert(0, folder)
    sys.modules["chip"] = __import__(chip)
    getattr(__import__(file), test)()
    print("@@ passed")


main(*sys.argv[1:])
