"""What firmware may rely on, and must fear, of machine.I2S on the ESP32 (machine_i2s.c, IDF's I2S driver)."""

import struct
from array import array
from machine import I2S

import chip

RATE = 16000
FRAME = 640  # bytes in 20 ms
RX_BUFFER = 256 * 8  # bytes of one DMA buffer of the microphone's, always 2 x 32 bits
TX_BUFFER = 256 * 2


def microphone(buffers=3, rate=RATE):
    chip.slow(4)
    return I2S(
        0,
        sck=chip.pin(10),
        ws=chip.pin(11),
        sd=chip.pin(12),
        mode=I2S.RX,
        bits=16,
        format=I2S.MONO,
        rate=rate,
        ibuf=buffers * RX_BUFFER,
    )


def output(buffers=4, format=I2S.MONO, bits=16):
    chip.slow(4)
    return I2S(
        1,
        sck=chip.pin(13),
        ws=chip.pin(14),
        sd=chip.pin(15),
        mode=I2S.TX,
        bits=bits,
        format=format,
        rate=RATE,
        ibuf=buffers * TX_BUFFER * bits // 16 * (2 if format == I2S.STEREO else 1),
    )


def ramp(count, start=1):
    return bytes(array("h", range(start, start + count)))


def samples(data):
    return list(array("h", bytes(data)))


def wait(condition, ms=400):
    start = chip.now()
    while not condition():
        if chip.since(start) > ms:
            return False
        chip.run(5)
    return True


def sounding(wanted):
    """The samples on the wire since, from the first that is not silence on, at least so many."""
    heard = []

    def enough():
        heard.extend(samples(chip.said()))
        while heard and heard[0] == 0:
            heard.pop(0)
        return len(heard) >= wanted

    assert wait(enough, 1000), heard[:20]
    return heard


def test_each_request_is_answered_once_in_time_with_the_wire():
    mic = microphone()
    buffer = bytearray(FRAME)
    done = []

    def handler(stream):
        assert stream is mic
        done.append(chip.now())
        stream.readinto(buffer)

    mic.irq(handler)
    assert mic.readinto(buffer) == FRAME
    start = chip.now()
    chip.run(1000)
    passed = chip.since(start)
    mic.deinit()
    assert passed / 20 - 4 <= len(done) <= passed / 20 + 1, (len(done), passed)


def test_the_microphone_is_the_left_slots_upper_half():
    mic = microphone()
    buffer = bytearray(FRAME)
    done = []
    chip.hear(ramp(8000))
    mic.irq(done.append)
    heard = []
    for _ in range(4):
        mic.readinto(buffer)
        assert wait(lambda: done)
        done.clear()
        heard += samples(buffer)
    mic.deinit()
    start = heard.index(1)
    assert heard[start:] == list(range(1, len(heard) - start + 1))


def test_one_request_runs_one_waits_and_the_third_is_lost_unsaid():
    mic = microphone()
    done = []
    mic.irq(done.append)
    buffers = [bytearray(FRAME) for _ in range(4)]
    assert mic.readinto(buffers[0]) == FRAME
    chip.run(25)  # the task takes it when the main task waits; then it lies in its hands
    done.clear()
    for buffer in buffers[1:]:
        chip.run(0)
        assert mic.readinto(buffer) == FRAME
    chip.run(200)
    mic.deinit()
    assert len(done) < 3 + 1, len(done)


def test_a_handler_waits_while_the_interpreter_is_busy():
    mic = microphone()
    done = []
    mic.irq(done.append)
    mic.readinto(bytearray(FRAME))
    chip.run(0)
    chip.stall(100)
    before = len(done)
    chip.run(30)
    mic.deinit()
    assert before <= 1 and len(done) == 1


def test_what_the_microphone_hears_during_a_stall_is_lost_but_for_the_ring():
    mic = microphone(buffers=3)
    buffer = bytearray(512)
    done = []
    for start in range(1, 12001, 1000):
        chip.hear(ramp(1000, start))
    mic.irq(done.append)
    mic.readinto(buffer)
    assert wait(lambda: done)
    last = samples(buffer)[-1]
    chip.stall(200)
    heard = []
    for _ in range(6):
        done.clear()
        mic.readinto(buffer)
        assert wait(lambda: done)
        heard += samples(buffer)
    mic.deinit()
    heard.insert(0, last)
    steps = [heard[index + 1] - heard[index] for index in range(len(heard) - 1)]
    jumps = [step for step in steps if step != 1]
    # 200 ms are 3200 samples, of which three buffers of 256 were kept at most; the one in hand was written over.
    assert 1 <= len(jumps) <= 4 and 3200 - 4 * 256 <= sum(jumps) <= 3200 + 4 * 256, jumps


def test_what_nobody_writes_is_silence():
    out = output()
    done = []
    out.irq(done.append)
    out.write(ramp(512, 1000))
    heard = sounding(512)
    chip.run(200)
    heard += samples(chip.said())
    out.deinit()
    sound = [sample for sample in heard if sample]
    assert len(sound) == 512, len(sound)


def test_written_once_it_goes_out_once_in_order_but_on_the_classic_esp32():
    out = output()
    out.irq(lambda stream: None)
    out.write(ramp(512))
    heard = [sample for sample in sounding(512) if sample][:512]
    out.deinit()
    if chip.NAME == "esp32":
        # 16-bit mono: each pair changes places.
        assert heard == [number + 1 if number % 2 else number - 1 for number in range(1, 513)], heard[:8]
    else:
        assert heard == list(range(1, 513)), heard[:8]


def test_stereo_goes_out_in_order_on_every_chip():
    out = output(format=I2S.STEREO)
    out.irq(lambda stream: None)
    out.write(b"".join(struct.pack("<hh", number, -1) for number in range(1, 513)))
    heard = [sample for sample in sounding(512) if sample][:512]
    out.deinit()
    assert heard == list(range(1, 513)), heard[:8]


def test_32_bit_mono_goes_out_in_order_on_every_chip():
    out = output(bits=32)
    out.irq(lambda stream: None)
    out.write(b"".join(struct.pack("<i", number << 16) for number in range(1, 513)))
    heard = [sample for sample in sounding(512) if sample][:512]
    out.deinit()
    assert heard == list(range(1, 513)), heard[:8]


def test_deinit_with_a_request_in_hand():
    mic = microphone()
    done = []
    mic.irq(done.append)
    mic.readinto(bytearray(64 * FRAME))
    chip.run(100)
    start = chip.now()
    mic.deinit()
    assert chip.since(start) <= 500, chip.since(start)  # 10 to 50 on an idle host
    chip.run(100)
    assert done == []


def test_a_controller_can_be_made_again():
    for _ in range(3):
        mic = microphone()
        done = []
        mic.irq(done.append)
        mic.readinto(bytearray(FRAME))
        chip.run(100)
        assert len(done) == 1
    mic.deinit()
    mic.deinit()


def test_what_it_refuses():
    mic = microphone()
    mic.irq(lambda stream: None)
    for call, number in ((lambda: mic.write(bytearray(64)), 1), (lambda: mic.readinto(bytearray(63)), 22)):
        try:
            call()
        except OSError as error:
            assert error.args[0] == number, error.args
        else:
            raise AssertionError("no error")
    mic.deinit()
    pins = {"sck": chip.pin(1), "ws": chip.pin(2), "sd": chip.pin(3), "rate": RATE, "ibuf": 4096}
    for number, given in (
        (2, (I2S.RX, 16, I2S.MONO)),
        (0, (5, 16, I2S.MONO)),
        (0, (I2S.RX, 24, I2S.MONO)),
        (0, (I2S.RX, 16, 3)),
    ):
        try:
            I2S(number, mode=given[0], bits=given[1], format=given[2], **pins)
        except ValueError:
            continue
        raise AssertionError((number, given))


def test_eight_interrupts_wait_and_the_ninth_is_lost():
    done = []
    assert chip.interrupts(done.append, 12) == 8
    chip.run(20)
    assert len(done) == 8
