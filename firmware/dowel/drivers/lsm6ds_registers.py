"""Registers and bits of the LSM6DSOX that the driver uses; names as in ST's lsm6dsox_reg.h."""

FIFO_CTRL3 = 0x09
FIFO_CTRL4 = 0x0A
WHO_AM_I = 0x0F
CTRL1_XL = 0x10
CTRL2_G = 0x11
CTRL3_C = 0x12
CTRL9_XL = 0x18
CTRL10_C = 0x19
OUTX_L_A = 0x28
FIFO_STATUS1 = 0x3A
TIMESTAMP0 = 0x40
TIMESTAMP2 = 0x42
INTERNAL_FREQ_FINE = 0x63
FIFO_DATA_OUT_TAG = 0x78

# The LSM6DSOX and the LSM6DSO answer alike, and so does the LSM6DSO32, which reads half: hence the
# 1 g check.
WHO_AM_I_LSM6DSOX = 0x6C

CTRL3_C_SW_RESET = 0x01
CTRL3_C_IF_INC = 0x04
CTRL3_C_BDU = 0x40
CTRL9_XL_I3C_DISABLE = 0x02  # bit 1; Adafruit's driver writes bit 0

ODR_208_HZ = 5 << 4
FS_XL_8_G = 3 << 2  # codes 0, 1, 2, 3 are 2, 16, 4, 8 g
FS_G_1000_DPS = 4 << 1
TIMESTAMP_EN = 0x20
TIMESTAMP_RESET = 0xAA  # written to TIMESTAMP2

BDR_208_HZ = 5 << 4 | 5  # gyro and accelerometer
FIFO_BYPASS = 0
FIFO_CONTINUOUS = 6
TS_BATCH_EVERY = 1 << 6  # a timestamp word with every sample

FIFO_STATUS2_OVERRUN = 0x48  # OVR_IA and OVR_LATCHED
FIFO_STATUS2_DIFF = 0x03  # upper bits of the count of words
