"""What moves register windows between processor and stack: exceptions from any depth, collections, long argument
lists, in MicroPython compiled for Xtensa. Prints the same on every port."""

import gc


def dig(depth, keep):
    keep = [depth, keep]
    if depth == 0:
        gc.collect()
        raise ValueError("at the bottom", keep[1][0])
    try:
        return dig(depth - 1, keep)
    finally:
        assert keep[0] == depth


def many(a, b, c, d, e, f, g, h, *rest, last=0, **named):
    return a, b, c, d, e, f, g, h, rest, last, sorted(named)


def generator(count):
    for number in range(count):
        try:
            got = yield number
            if got:
                print("got", got)
        except KeyError as error:
            print("thrown", error)
            gc.collect()


for depth in range(40):
    for _ in range(3):
        try:
            dig(depth, [0])
        except ValueError as error:
            print(depth, error.args)

for count in range(8, 30):
    print(many(*range(count), last=count, **{"x%d" % number: number for number in range(count % 5)}))
    print(("%d " * count) % tuple(range(count)), "{:>{}}|{:<4}|{:+d}".format(count, 5, "x", count))

running = generator(5)
print(next(running), running.send("a"), running.throw(KeyError("b")), list(running))

for wrong in (
    "many(1)",
    "many(*range(8), a=1)",
    "nothing.at.all",
    "[][3]",
    "1 // 0",
    "int('x', 36 + 1)",
    "'%d' % 's'",
    "b'' + ''",
    "(1).no",
    "{}[2]",
    "range(1, 2, 0)",
    "bytes([256])",
):
    try:
        print(eval(wrong))
    except Exception as error:
        print(wrong, type(error).__name__, error)

print(sorted(((number * 7919) % 101 for number in range(60)), key=lambda number: -number))
print(2**200 // 3**50, pow(3, 1000, 10**30), "%x" % (1 << 77), -(10**20) >> 3)
