"""What firmware may rely on, and must fear, of esp32.NVS and esp32.Partition (esp32_nvs.c, esp32_partition.c)."""

from esp32 import NVS, Partition


def fails(call, number):
    try:
        call()
    except OSError as error:
        assert error.args[0] == number, (error.args, number)
    else:
        raise AssertionError("no error")


def test_nvs_keeps_numbers_and_blobs():
    store = NVS("phone")
    store.set_i32("count", -5)
    store.set_blob("name", b"desk")
    store.commit()
    assert NVS("phone").get_i32("count") == -5
    buffer = bytearray(8)
    assert NVS("phone").get_blob("name", buffer) == 4
    assert buffer == b"desk\0\0\0\0"
    fails(lambda: NVS("other").get_i32("count"), -4354)


def test_nvs_errors():
    store = NVS("phone")
    fails(lambda: store.get_i32("none"), -4354)
    fails(lambda: store.erase_key("none"), -4354)
    fails(lambda: NVS("a name of sixteen"), -4361)
    fails(lambda: store.set_i32("a name of sixteen", 1), -4361)
    store.set_blob("name", b"desk phone")
    fails(lambda: store.get_blob("name", bytearray(4)), -4364)
    fails(lambda: store.get_i32("name"), -4354)
    store.erase_key("name")
    fails(lambda: store.get_blob("name", bytearray(16)), -4354)


def test_nvs_is_full_some_time():
    store = NVS("phone")
    fails(lambda: [store.set_blob("blob%d" % number, bytes(3000)) for number in range(16)], -4357)


def test_the_running_partition():
    running = Partition(Partition.RUNNING)
    kind, subtype, address, size, label, encrypted = running.info()
    assert kind == Partition.TYPE_APP and address % 65536 == 0 and size % 4096 == 0 and not encrypted
    assert Partition(label).info() == running.info()
    assert Partition(Partition.BOOT).info() == running.info()


def test_a_partition_that_is_not_there():
    fails(lambda: Partition("nothing"), 2)


def other():
    return Partition(Partition.RUNNING).get_next_update()


def test_blocks_are_erased_and_written():
    slot = other()
    for fill in (b"\x0f", b"\xf0"):
        slot.writeblocks(1, fill * 4096)
        buffer = bytearray(4096)
        slot.readblocks(1, buffer)
        assert buffer == fill * 4096


def test_a_block_beyond_the_end_is_an_error():
    slot = other()
    blocks = slot.info()[3] // 4096
    fails(lambda: slot.readblocks(blocks, bytearray(4096)), -260)
    fails(lambda: slot.readblocks(blocks + 1, bytearray(4096)), -258)
    fails(lambda: slot.writeblocks(blocks, bytes(4096)), -260)


def test_what_is_no_image_cannot_be_chosen():
    slot = other()
    slot.writeblocks(0, bytes(4096))
    fails(slot.set_boot, -5379)


def test_an_image_can():
    slot = other()
    slot.writeblocks(0, b"\xe9" + bytes(4095))
    slot.set_boot()
    assert Partition(Partition.BOOT).info() == slot.info()
    assert Partition(Partition.RUNNING).info() != slot.info()


def test_the_update_after_the_next_is_this_one_again():
    running = Partition(Partition.RUNNING)
    assert running.get_next_update().get_next_update().info() == running.info()
