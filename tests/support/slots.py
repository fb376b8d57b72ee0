"""A folder as a board's flash, for tests of slots."""

import os

import compat


class FlashFolder:
    """`root` is its path; `write`, `read` and `tree` work below it."""

    def __init__(self):
        self.root = "/tmp/bakelite-flash-%d" % int.from_bytes(compat.urandom(4), "big")
        os.mkdir(self.root)

    def write(self, path, text):
        parts = path.split("/")
        for count in range(1, len(parts)):
            try:
                os.mkdir(self.root + "/" + "/".join(parts[:count]))
            except OSError:
                pass
        with open(self.root + "/" + path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def read(self, path):
        try:
            with open(self.root + "/" + path, "rb") as file:
                return str(file.read(), "utf-8")
        except OSError:
            return None

    def tree(self, path=""):
        """The paths of all files below `path`, sorted."""
        return sorted(files_below(self.root + ("/" + path if path else "")))

    def clean_up(self):
        remove(self.root)


def files_below(folder, prefix=""):
    found = []
    for name in os.listdir(folder):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            found += files_below(path, prefix + name + "/")
        else:
            found.append(prefix + name)
    return found


def remove(path):
    if os.stat(path)[0] & 0x4000:
        for name in os.listdir(path):
            remove(path + "/" + name)
        os.rmdir(path)
    else:
        os.remove(path)
