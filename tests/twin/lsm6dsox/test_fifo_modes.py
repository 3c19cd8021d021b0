"""FIFO modes, level, watermark, full and overrun flags."""

from twin.lsm6dsox.rig import ACCEL, GYRO, Rig

WTM, OVR, FULL, LATCHED = 0x80, 0x40, 0x20, 0x08


def pairs() -> Rig:
    """Return a rig that batches gyro and accelerometer, no timestamps: 2 words a slot."""
    rig = Rig()
    rig.stream(0x06)
    return rig


def test_bypass_stores_nothing() -> None:
    rig = Rig()
    rig.sensors_on()
    rig.wait_us(100_000)
    assert rig.status() == (0, 0)
    assert rig.scene.start_us is None


def test_the_first_fifo_that_stores_starts_the_scene_10_ms_later() -> None:
    rig = Rig(now_us=1_000)
    rig.stream()
    assert rig.start_us == 11_000
    rig.wait_us(9_999)
    assert rig.level() == 0
    rig.wait_us(1)
    assert rig.status()[0] == 3


def test_bypass_empties_the_fifo() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(20)
    assert rig.status()[0] == 63
    rig.write(0x0A, 0x00)
    assert rig.status() == (0, 0)
    assert rig.chip.fifo.flushed == 21


def test_the_level_needs_both_status_registers() -> None:
    rig = pairs()
    rig.to_sample(199)
    assert rig.read(0x3A, 2) == bytes([400 & 0xFF, 400 >> 8])


def test_the_watermark_flag_follows_the_level() -> None:
    rig = pairs()
    rig.write(0x07, 0x08)
    rig.to_sample(2)
    assert rig.status() == (6, 0)
    rig.to_sample(3)
    assert rig.status() == (8, WTM)
    rig.words(1)
    assert rig.status() == (7, 0)


def test_the_watermark_has_nine_bits() -> None:
    rig = pairs()
    rig.write(0x07, 0x02, 0x01)  # 258 words
    rig.to_sample(127)
    assert rig.status() == (256, 0)
    rig.to_sample(128)
    assert rig.status() == (258, WTM)


def test_without_a_watermark_its_flag_stays_0() -> None:
    rig = pairs()
    rig.to_sample(100)
    assert rig.status()[1] == 0


def test_full_is_announced_one_slot_ahead_and_overrun_when_filled() -> None:
    rig = pairs()
    rig.to_sample(253)
    assert rig.status() == (508, 0)
    rig.to_sample(254)
    assert rig.status() == (510, FULL)
    rig.to_sample(255)
    assert rig.status() == (512, FULL | OVR | LATCHED)
    assert rig.chip.overwritten == 0


def test_continuous_mode_overwrites_the_oldest_words() -> None:
    rig = pairs()
    rig.to_sample(258)
    assert rig.status()[0] == 512
    words = rig.words()
    assert [w.kind for w in words] == [GYRO, ACCEL] * 256
    assert [w.xyz[0] for w in words if w.kind == GYRO] == list(range(3, 259))
    assert rig.chip.overwritten == 3


def test_a_slot_of_three_words_may_be_overwritten_in_part() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(170)  # 171 slots are 513 words
    assert rig.status()[0] == 512
    assert rig.chip.overwritten == 1
    words = rig.words()
    assert [w.kind for w in words[:3]] == [ACCEL, 4, GYRO]
    assert words[2].xyz[0] == 1
    assert rig.chip.fifo.delivered == 170


def test_the_latch_outlives_the_overrun_until_status2_is_read() -> None:
    rig = pairs()
    rig.to_sample(260)
    rig.read(0x78, 7 * 100)
    assert rig.byte(0x3A) == 412 & 0xFF, "FIFO_STATUS1 alone does not clear it"
    assert rig.status() == (412, LATCHED)
    assert rig.status() == (412, 0)


def test_the_latch_is_set_again_by_the_next_overwriting() -> None:
    rig = pairs()
    rig.to_sample(260)
    assert rig.status()[1] == FULL | OVR | LATCHED
    assert rig.status()[1] == FULL | OVR
    rig.to_sample(261)
    assert rig.status()[1] == FULL | OVR | LATCHED


def test_bypass_clears_the_latch() -> None:
    rig = pairs()
    rig.to_sample(260)
    rig.write(0x0A, 0x00)
    rig.write(0x0A, 0x06)
    assert rig.status() == (0, 0)


def test_after_overrun_recovery_by_bypass_new_samples_come_in_whole_slots() -> None:
    rig = Rig()
    rig.stream()
    rig.to_sample(300)
    rig.write(0x0A, 0x00)
    rig.write(0x0A, 0x46)
    rig.to_sample(305)
    words = rig.words()
    assert [w.xyz[0] for w in words if w.kind == GYRO] == [301, 302, 303, 304, 305]
    assert len(words) == 15


def test_fifo_mode_stops_when_full_and_keeps_the_oldest() -> None:
    rig = Rig()
    rig.stream(0x41)
    rig.to_sample(300)
    assert rig.status() == (512, FULL | OVR | LATCHED)
    words = rig.words(512)
    assert [w.xyz[0] for w in words if w.kind == GYRO] == list(range(171))
    assert (rig.chip.batched, rig.chip.refused) == (170, 131)
    assert rig.chip.overwritten == 0


def test_fifo_mode_once_full_waits_for_bypass() -> None:
    rig = Rig()
    rig.stream(0x41)
    rig.to_sample(300)
    rig.words(512)
    rig.to_sample(310)
    assert rig.level() == 0
    rig.write(0x0A, 0x00)
    rig.write(0x0A, 0x41)
    rig.to_sample(312)
    assert [w.xyz[0] for w in rig.words() if w.kind == GYRO] == [311, 312]


def test_a_sensor_that_goes_to_power_down_leaves_what_is_stored() -> None:
    rig = pairs()
    rig.to_sample(4)
    rig.write(0x10, 0x00)
    rig.write(0x11, 0x00)
    rig.to_sample(50)
    assert rig.status()[0] == 10
