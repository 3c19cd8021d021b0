"""A check value over words of state, the same on every machine."""


def digest(words, crc):
    """Chain array('i') words into crc: 30 bits, each word rotated in and added."""
    return _digest(words, len(words), crc)


@micropython.viper
def _digest(words, n: int, crc: int) -> int:
    w = ptr32(words)
    i = 0
    while i < n:
        x = w[i]
        crc = ((crc & 0x1FFFFFF) << 5) | ((crc >> 25) & 31)
        crc = (crc + ((x ^ (x >> 30)) & 0x3FFFFFFF)) & 0x3FFFFFFF
        i += 1
    return crc
