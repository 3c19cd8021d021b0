"""Words of an LSM6DS FIFO into sample blocks.

A FIFO word has 7 bytes: a tag and three little-endian int16. The tag byte holds an even parity bit
(b0), a counter of the time slot (b2:1) and the kind of word (b7:3). Gyro and accelerometer of one
slot carry the same counter. The timestamp's may stand still (seen on an ISM330DHCX), and no
document says whether it comes before or after its samples: the first word of a fresh FIFO tells. A
slot cut by the end of a burst is completed by the next burst.

A sample block has 16 bytes a set: gyro x y z, accelerometer x y z (int16, counts), timestamp
(uint32, 25 us).
"""

from array import array

WORD_SIZE = 7
WORDS_PER_SET = 3
SET_SIZE = 16

# State words of a parser, int32 each.
SLOT = 0  # counter of the slot being filled, 0..3
HAVE = 1  # words of it that came: 1 gyro, 2 accelerometer, 4 timestamp
INCOMPLETE = 2  # slots given up because a word of them was missing
BAD = 3  # words with wrong parity or an unexpected tag
_PENDING = 4  # four words: bytes of the set being filled
LEAD = 8  # 1: the timestamp leads its slot, 0: it does not, -1: not known yet
_SIZE = 9


def new_state():
    """Return the state of a parser: array('i', 9)."""
    state = array("i", [0] * _SIZE)
    state[LEAD] = -1
    return state


@micropython.viper
def parse(state, raw, words: int, block) -> int:
    """Turn FIFO words in raw into sets in block; return how many. No allocation.

    raw: 7 bytes a word. block: room for 16 bytes a set, at least words // 3 + 1 of them.
    """
    s = ptr32(state)
    pending = ptr8(state)
    b = ptr8(raw)
    out = ptr8(block)
    sets = 0
    word = 0
    at = 0
    while word < words:
        tag = b[at]
        slot = (tag >> 1) & 3
        parity = tag ^ (tag >> 4)
        parity ^= parity >> 2
        parity ^= parity >> 1
        kind = tag >> 3
        bit = 0
        to = 16  # byte offset of _PENDING
        size = 6
        if kind == 1:
            bit = 1
        elif kind == 2:
            bit = 2
            to = 22
        elif kind == 4:
            bit = 4
            to = 28
            size = 4
        have = s[1]
        if bit == 0 or (parity & 1) == 1:
            s[3] += 1
            bit = 0
        elif bit == 4:
            if s[8] < 0:
                s[8] = 1
            if s[8] == 1:
                if have != 0:
                    s[2] += 1
                have = 0
            elif have != 3 and (have == 0 or have > 3 or slot != s[0]):
                # Its samples did not come: it must not meet the next ones.
                s[2] += 1
                have = 0
                bit = 0
        else:
            if s[8] < 0:
                s[8] = 0
            if (have & bit) != 0 or ((have & 3) != 0 and slot != s[0]):
                s[2] += 1
                have = 0
            s[0] = slot
        if bit != 0:
            i = 0
            while i < size:
                pending[to + i] = b[at + 1 + i]
                i += 1
            have |= bit
        if have == 7:
            i = 0
            to = sets * 16
            while i < 16:
                out[to + i] = pending[16 + i]
                i += 1
            sets += 1
            have = 0
        s[1] = have
        at += 7
        word += 1
    return sets
