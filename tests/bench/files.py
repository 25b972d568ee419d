# The files that every path serves: words and lines, and bytes without any order.
import os
import random

SIZES = {"1k": 1 << 10, "2k": 2 << 10, "16k": 16 << 10, "256k": 256 << 10, "1m": 1 << 20, "100m": 100 << 20}
KINDS = ("text", "random")


def prose(size, seed):
    """Words and lines, as long as asked for."""
    dice, lines, length = random.Random(seed), [], 0
    while length < size:
        words = ("".join(dice.choices("etaoinshrdlucmfwypvbgk", k=dice.randint(2, 9))) for _ in range(11))
        lines.append(" ".join(words).capitalize() + ".\n")
        length += len(lines[-1])
    return "".join(lines)[:size].encode()


def noise(size, seed):
    return random.Random(seed).randbytes(size)


def make_site(folder):
    """SIZE.KIND for every size and kind. What is longer than a mebibyte repeats itself after one."""
    os.mkdir(folder)
    for kind, make in zip(KINDS, (prose, noise)):
        for name, size in SIZES.items():
            piece = make(min(size, 1 << 20), name)
            with open(os.path.join(folder, f"{name}.{kind}"), "wb") as file:
                for _ in range(size // len(piece)):
                    file.write(piece)
    return folder
