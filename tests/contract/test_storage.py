"""Every storage: read, write, remove, names."""

from support.check import raises
from support.hardware import rigs

BAD = ("", ".", "..", ".hidden", "_x", "-x", "a/b", "../a", "a b", "a\0", "é", "a" * 65)


def test_reads_what_was_written():
    for rig in rigs():
        storage = rig.board.storage
        for name in storage.names():
            storage.remove(name)
        assert storage.read("phone.json") is None
        storage.write("phone.json", b"{}")
        storage.write("A-1_b.bin", bytes(range(256)))
        storage.write("0", b"")
        assert storage.names() == ["0", "A-1_b.bin", "phone.json"]
        assert storage.read("phone.json") == b"{}"
        assert storage.read("A-1_b.bin") == bytes(range(256))
        assert storage.read("0") == b""
        rig.clean_up()


def test_writing_replaces_all_of_it():
    for rig in rigs():
        storage = rig.board.storage
        storage.write("x", b"long before")
        storage.write("x", b"n", b"", b"ow")
        assert storage.read("x") == b"now"
        rig.clean_up()


def test_what_is_kept_is_a_copy():
    for rig in rigs():
        data = bytearray(b"abc")
        rig.board.storage.write("x", data)
        data[0] = 0
        assert rig.board.storage.read("x") == b"abc"
        rig.clean_up()


def test_removed_is_gone():
    for rig in rigs():
        storage = rig.board.storage
        storage.write("x", b"1")
        storage.remove("x")
        storage.remove("x")
        assert storage.read("x") is None
        assert "x" not in storage.names()
        rig.clean_up()


def test_bad_names_are_refused_by_every_method():
    for rig in rigs():
        storage = rig.board.storage
        for name in BAD:
            raises(ValueError, storage.read, name)
            raises(ValueError, storage.write, name, b"")
            raises(ValueError, storage.remove, name)
