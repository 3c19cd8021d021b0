"""Calls from the stand-ins in the VM to the board on the host: numbers and the shape of a message.

A request is eight int32 (op, a, b, c, bytes of payload, bytes wanted back, board time spent in us
since the last call, 0) and its payload. A reply is eight int32 and its payload: see the R_ names.
"""

WORDS = 8

# Words of a reply.
R_ERROR = 0  # errno, 0: none
R_VALUE = 1
R_US = 2  # board time modulo 2**30 us
R_MS = 3  # board time in ms modulo 2**30
R_SUB_MS_US = 4  # microseconds past R_MS
R_EVENTS = 5  # events to fetch now
R_PAYLOAD = 6  # bytes that follow

# Time and life of the VM.
NOP = 0  # lets board time pass
WAIT = 1  # a: ms until the loop wants to run, -1: for ever, RESUME: go on with the last wait
SLEEP = 2  # a: us, b: ms; busy below 10 ms, as on the chip
EVENT = 3  # fetch the next event
STARTED = 4  # a: bytes of heap free before main.py
HEAP = 5  # a: bytes in use after a collection
BOOT = 6  # returns the JSON of what to run
RANDOM = 7  # returns bytes
SAY = 8  # a: what the program under test reports (test harness); payload: bytes
FEED = 9  # replay: returns the next burst

RESUME = -2

# Why a wait ended.
WAIT_OVER = 0
WAIT_EVENT = 1  # an event that does not wake the main task
WAIT_WOKEN = 2  # a pin's interrupt does

# machine
I2C_READ = 20  # a: address, b: register
I2C_WRITE = 21  # a: address, payload; b: 1 for a register write with stop
I2C_SCAN = 22
PIN_INIT = 23  # a: pin, b: mode, c: pull
PIN_SET = 24
PIN_GET = 25
PIN_IRQ = 26  # a: pin, b: trigger
PWM_INIT = 27  # a: pin, b: Hz
PWM_DUTY = 28  # a: pin, b: 0..65535
ADC_READ = 29  # a: pin; returns microvolts
WDT_START = 30  # a: ms
WDT_FEED = 31
RESET = 32  # a: cause
RESET_CAUSE = 33
UNIQUE_ID = 34
I2C_RAW_READ = 35  # a: address
PIN_RELEASE = 36

# Flash: a: block, b: offset
FLASH_READ = 40
FLASH_WRITE = 41
FLASH_ERASE = 42
FLASH_BLOCKS = 43

# bluetooth
BLE_ACTIVE = 60
BLE_CONFIG_GET = 61
BLE_CONFIG_SET = 62
BLE_ADVERTISE = 63  # a: us or -1, b: 1 connectable, 2 with adv_data, 4 with resp_data
BLE_REGISTER = 64
BLE_READ = 65
BLE_WRITE = 66
BLE_SET_BUFFER = 67
BLE_NOTIFY = 68
BLE_INDICATE = 69
BLE_DISCONNECT = 70
BLE_PAIR = 71
BLE_PASSKEY = 72  # a: connection, b: action, c: passkey
BLE_ANSWER = 73  # a: number of the question, b: 1 with bytes, 2 of a wrong type, c: number
BLE_ACTIVE_GO_ON = 74  # as BLE_ACTIVE: returns 1 while the handler has questions to answer first

# Serial port and timers
SERIAL_WAITING = 50  # returns bytes that can be read
SERIAL_READ = 51
SERIAL_WRITE = 52
SERIAL_INTERRUPT_CHAR = 53  # a: -1 or the character
TIMER_START = 54  # a: timer, b: ms, c: 1 again and again
TIMER_STOP = 55

# Kinds of event.
EVENT_TIMER = 4
EVENT_BLE = 1  # code, count of ints, count of blobs, int32 each, blobs with uint16 sizes
EVENT_PIN = 2

PAYLOAD_MAX = 1024
NO_BLOB = 0xFFFF  # size of a blob that is None

# The REPL on the serial line. Kinds of code and ends of it are in repl_codes.
REPL_NEXT = 80  # payload: the banner; returns the kind of code to run next
REPL_SOURCE = 81  # a: offset; returns a piece of the code
REPL_DONE = 82  # a: how it ended; payload: the traceback

EVENT_INTERRUPT = 3  # Ctrl-C on the serial line
