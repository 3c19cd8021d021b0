"""ST's names and numbers for the LSM6DSOX: registers, bits, codes, scales.

Sources, by mark:
  [H] STMicroelectronics, lsm6dsox_reg.h and .c, github.com/STMicroelectronics/lsm6dsox-pid
      (commit 056881d): addresses, bit positions, codes, sensitivities.
  [D] data sheet DS13005 Rev 7 of the IIS2ICLX, the sister part with the same register map:
      reset values, meaning of the FIFO's flags, formulas of rate and timestamp.
  [A] ST's application note AN5272, recalled, not read again for this model.
"""

from __future__ import annotations

from types import MappingProxyType

# --- addresses of the main page [H] ---
FUNC_CFG_ACCESS = 0x01
PIN_CTRL = 0x02
FIFO_CTRL1 = 0x07
FIFO_CTRL2 = 0x08
FIFO_CTRL3 = 0x09
FIFO_CTRL4 = 0x0A
COUNTER_BDR_REG1 = 0x0B
COUNTER_BDR_REG2 = 0x0C
INT1_CTRL = 0x0D
INT2_CTRL = 0x0E
WHO_AM_I = 0x0F
CTRL1_XL = 0x10
CTRL2_G = 0x11
CTRL3_C = 0x12
CTRL4_C = 0x13
CTRL5_C = 0x14
CTRL6_C = 0x15
CTRL7_G = 0x16
CTRL8_XL = 0x17
CTRL9_XL = 0x18
CTRL10_C = 0x19
STATUS_REG = 0x1E
OUT_TEMP_L = 0x20
OUTX_L_G = 0x22
OUTX_L_A = 0x28
OUTZ_H_A = 0x2D
FIFO_STATUS1 = 0x3A
FIFO_STATUS2 = 0x3B
TIMESTAMP0 = 0x40
TIMESTAMP1 = 0x41
TIMESTAMP2 = 0x42
TIMESTAMP3 = 0x43
TAP_CFG0 = 0x56
TAP_CFG1 = 0x57
TAP_CFG2 = 0x58
TAP_THS_6D = 0x59
INT_DUR2 = 0x5A
WAKE_UP_THS = 0x5B
WAKE_UP_DUR = 0x5C
FREE_FALL = 0x5D
MD1_CFG = 0x5E
MD2_CFG = 0x5F
INTERNAL_FREQ_FINE = 0x63
X_OFS_USR = 0x73
Y_OFS_USR = 0x74
Z_OFS_USR = 0x75
FIFO_DATA_OUT_TAG = 0x78
FIFO_DATA_OUT_Z_H = 0x7E

# --- values ---
WHO_AM_I_LSM6DSOX = 0x6C  # [H]; LSM6DSO and LSM6DSO32 answer the same
TIMESTAMP_RESET = 0xAA  # written to TIMESTAMP2 [H]

RESET_VALUES = MappingProxyType({PIN_CTRL: 0x3F, CTRL3_C: 0x04, CTRL9_XL: 0xE0})  # others 0 [D]

# --- CTRL3_C [H] ---
SW_RESET = 0x01
IF_INC = 0x04
BDU = 0x40
BOOT = 0x80

# --- other bits [H] ---
XL_FS_MODE = 0x02  # CTRL8_XL: accelerometer code 1 means +-2 g instead of +-16 g
TIMESTAMP_EN = 0x20  # CTRL10_C
FS_125 = 0x02  # CTRL2_G: +-125 dps whatever FS_G says
WTM8 = 0x01  # FIFO_CTRL2

# --- STATUS_REG [H] ---
XLDA = 0x01
GDA = 0x02
TDA = 0x04

# --- FIFO_STATUS2 [H] ---
DIFF_FIFO_HIGH = 0x03
FIFO_OVR_LATCHED = 0x08
FIFO_FULL_IA = 0x20
FIFO_OVR_IA = 0x40
FIFO_WTM_IA = 0x80

# --- FIFO_CTRL4: FIFO_MODE b2:0, ODR_T_BATCH b5:4, ODR_TS_BATCH b7:6 [H] ---
MODE_BYPASS = 0
MODE_FIFO = 1
MODE_CONTINUOUS = 6
TIMESTAMP_DECIMATION = (0, 1, 8, 32)
"""Time slots per timestamp word, by ODR_TS_BATCH; 0: no timestamp words."""

# --- FIFO words [H] ---
FIFO_WORDS = 512  # 3 KB of words of 7 bytes [D]
TAG_GYRO = 0x01
TAG_ACCEL = 0x02
TAG_TIMESTAMP = 0x04

# --- rates: 6667 Hz / 2**n; code 1 is 12.5 Hz, 5 is 208 Hz, 10 is 6667 Hz [H][D] ---
ODR_CODES = range(1, 11)
TICK_US = 25  # one LSB of the timestamp, nominal [D]
TICKS_AT_6667_HZ = 6  # 150 us; so 208 Hz is 192 ticks, 4.8 ms
FREQ_FINE_STEP = 0.0015  # of rate and timestamp, per LSB of INTERNAL_FREQ_FINE [D]

# --- scales [H]: lsm6dsox_from_fs*_to_mg, lsm6dsox_from_fs*_to_mdps ---
ACCEL_UG_PER_LSB = MappingProxyType({0: 61, 1: 488, 2: 122, 3: 244})
"""Micro-g per LSB by FS_XL: +-2, 16, 4, 8 g, in this order."""
LSM6DSO32_ACCEL_UG_PER_LSB = MappingProxyType({0: 122, 1: 976, 2: 244, 3: 488})
"""The LSM6DSO32, same WHO_AM_I: +-4, 32, 8, 16 g (lsm6dso32_reg.c)."""
GYRO_UDPS_PER_LSB = MappingProxyType({0: 8_750, 1: 17_500, 2: 35_000, 3: 70_000})
"""Micro-degrees per second per LSB by FS_G: +-250, 500, 1000, 2000 dps."""
GYRO_125_UDPS_PER_LSB = 4_375
TEMPERATURE_LSB_PER_C = 256  # 0 is 25 degrees Celsius
TEMPERATURE_ZERO_C = 25.0

# --- durations [A] ---
SW_RESET_US = 50
BOOT_US = 10_000


def period_ticks(code: int) -> int:
    """Return the ticks between two samples for the rate code of ODR_XL, ODR_G or BDR (1 to 10)."""
    return TICKS_AT_6667_HZ << (ODR_CODES[-1] - code)


def gyro_udps_per_lsb(ctrl2_g: int) -> int:
    """Return the gyroscope's micro-degrees per second per LSB for a value of CTRL2_G."""
    if ctrl2_g & FS_125:
        return GYRO_125_UDPS_PER_LSB
    return GYRO_UDPS_PER_LSB[ctrl2_g >> 2 & 3]
