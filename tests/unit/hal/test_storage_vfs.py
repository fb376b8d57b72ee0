"""The file storage when power fails in the middle."""

import os

from hal.drivers.storage_vfs import Storage
from support.check import raises
from support.hardware import FOLDER


def clean_up():
    for name in os.listdir(FOLDER):
        os.remove(FOLDER + "/" + name)
    os.rmdir(FOLDER)


def test_a_write_that_was_cut_short_never_was():
    Storage(FOLDER).write("phone.json", b"old")
    with open(FOLDER + "/.phone.json", "wb") as file:
        file.write(b"ne")
    after = Storage(FOLDER)
    assert after.read("phone.json") == b"old"
    assert after.names() == ["phone.json"]
    assert os.listdir(FOLDER) == ["phone.json"]
    clean_up()


def test_the_old_content_is_there_until_the_new_is_whole():
    storage = Storage(FOLDER + "/")
    storage.write("a", b"old")

    class Broken:
        """Octets that cannot be written."""

    raises(TypeError, storage.write, "a", Broken())
    assert storage.read("a") == b"old"
    assert storage.names() == ["a"]
    clean_up()


def test_a_folder_that_cannot_be_made_says_so():
    storage = Storage("/proc/nowhere")
    assert storage.names() == [] and storage.read("a") is None
    raises(OSError, storage.write, "a", b"")
