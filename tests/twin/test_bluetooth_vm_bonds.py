"""Pairing and bonds as a program on the board meets them, across restarts of the board."""

import asyncio

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError

from dowel_host.twin.radio.pairing_agent import IoCapability, PairingAgent
from twin.bluetooth_vm import EVENTS, Visit, visit
from twin.programs import run_program

PEER = "000100" + "00f0f0f0"  # address type, then the central's address backwards

# Keeps secrets in a file, as firmware may: the handler notes them, the main task writes them.
KEEPS = """
import json
secrets, dirty = {}, False
def load():
    if 'secrets' in os.listdir('/'):
        for kind, key, value in json.load(open('/secrets')):
            secrets[kind, bytes.fromhex(key)] = bytes.fromhex(value)
def save():
    rows = [(kind, key.hex(), secrets[kind, key].hex()) for kind, key in secrets]
    with open('/secrets', 'w') as file:
        json.dump(rows, file)
def irq(event, data):
    global dirty
    if event == 29:
        kind, index, key = data
        print('get', kind, index, bytes(key).hex() if key else None)
        if key is not None:
            return secrets.get((kind, bytes(key)))
        values = [secrets[name] for name in secrets if name[0] == kind]
        return values[index] if index < len(values) else None
    if event == 30:
        kind, key, value = data
        print('set', kind, bytes(key).hex(), value is not None)
        name = (kind, bytes(key))
        dirty = True
        if value is None:
            return secrets.pop(name, None) is not None
        secrets[name] = bytes(value)
        return True
    if event == 31:
        show(event, data)
        if passkey is not None:
            ble.gap_passkey(data[0], data[1], passkey)
    elif event == 3:
        global command
        command = ble.gatts_read(data[1])
    elif event != 4:
        show(event, data)
async def stay():
    global dirty
    while command != b'off':
        await asyncio.sleep_ms(100)
        if dirty:
            dirty = False
            save()
    machine.reset()
command = passkey = None
load()
ble.irq(irq)
ble.config(bond=True, le_secure=True, **config)
ble.active(True)
open_, encrypted, proven = register(READ | COMMAND, READ | ENC, READ | AUTH)
ble.gatts_write(encrypted, b'for friends')
ble.gatts_write(proven, b'for proven friends')
advertise()
print('ready')
asyncio.run(stay())
"""
UPDATED = "28 0 1 0 1 16"
START = [f"get 10 0 {b'irk'.hex()}"]


def keeps(**config: object) -> str:
    passkey = config.pop("passkey", None)
    text = KEEPS.replace("passkey = None", f"passkey = None\npasskey = {passkey}")
    return f"config = {config}\n" + text


async def power_cycle(board: Visit, client) -> None:
    """Have the program reset the board, and wait until it is back."""
    await asyncio.sleep(0.5)  # what is under way comes to its end, and into the file
    await client.write_gatt_char("aa00", b"off", response=False)
    await asyncio.sleep(6)  # the peer notices after the supervision timeout


def test_the_order_at_the_start_in_pairing_and_after_a_restart():
    first: list[str] = []

    async def scene(board: Visit):
        client = await board.connect()
        with pytest.raises(BleakGATTProtocolError) as error:
            await client.read_gatt_char("aa01")
        assert error.value.code == 0x05
        await client.pair()
        assert await client.read_gatt_char("aa01") == b"for friends"
        await asyncio.sleep(0.5)
        first.extend(board.lines())
        await power_cycle(board, client)
        client = await board.connect()
        assert await client.read_gatt_char("aa01") == b"for friends"

    again = visit(keeps(), scene)
    known = f"get 2 0 {PEER}"
    kept = [f"set {kind} {PEER} True" for kind in (1, 2)]
    new_key = [f"set 10 {b'irk'.hex()} True", "get 2 0 None"]
    # Asked for the refused reader, and again when it pairs.
    assert first == [*START, *new_key, "ready", known, known, *kept, UPDATED]
    listed = ["get 2 0 None", "get 2 1 None"]
    assert again == [*START, *listed, "ready", f"get 1 0 {PEER}", UPDATED]


def test_a_peer_without_its_secret_pairs_anew():
    async def scene(board: Visit):
        client = await board.connect()
        await client.pair()
        await power_cycle(board, client)
        await client.unpair()
        client = await board.connect()
        with pytest.raises(BleakGATTProtocolError) as error:
            await client.read_gatt_char("aa01")
        assert error.value.code == 0x0F  # bonded, says the board: encryption is what is missing
        await client.pair()
        assert await client.read_gatt_char("aa01") == b"for friends"

    lines = visit(keeps(), scene)
    deleted = [f"set {kind} {PEER} False" for kind in (1, 1, 2, 2)]
    kept = [f"set {kind} {PEER} True" for kind in (1, 2)]
    assert lines[-8:] == [*deleted, f"get 2 0 {PEER}", *kept, UPDATED]


def test_a_board_that_keeps_nothing_knows_nobody_after_a_restart():
    async def scene(board: Visit):
        client = await board.connect()
        await client.pair()
        await power_cycle(board, client)
        with pytest.raises(BleakError, match="unpair, then pair again"):
            await board.connect()

    forgets = keeps().replace("            save()\n", "            pass\n")
    assert f"get 1 0 {PEER}" in visit(forgets, scene)


@pytest.mark.parametrize(
    ("io", "can", "action"),
    [
        (0, IoCapability.KEYBOARD_INPUT_ONLY, 3),
        (2, IoCapability.DISPLAY_OUTPUT_ONLY, 2),
        (1, IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT, 4),
    ],
)
def test_a_passkey_proves_who_it_is_and_the_proof_lasts(io, can, action):
    agent = PairingAgent(can, passkey=123456)
    first: list[str] = []

    async def scene(board: Visit):
        client = await board.connect()
        await client.pair(agent=agent)
        assert await client.read_gatt_char("aa02") == b"for proven friends"
        await asyncio.sleep(0.5)
        first.extend(board.lines())
        await power_cycle(board, client)
        client = await board.connect()
        assert await client.read_gatt_char("aa02") == b"for proven friends"

    again = visit(keeps(mitm=True, io=io, passkey=123456), scene)
    number = agent.shown[0] if action == 4 else 0
    assert f"31 0 {action} {number}" in first
    assert first[-1] == again[-1] == "28 0 1 1 1 16"


def test_a_wrong_passkey_is_told_to_the_program():
    async def scene(board: Visit):
        client = await board.connect()
        with pytest.raises(BleakError):
            await client.pair(passkey=111111)
        await asyncio.sleep(0.5)

    assert visit(keeps(mitm=True, io=0, passkey=123456), scene)[-1] == "28 0 0 0 0 0"


def test_the_passkey_may_be_given_later_than_in_the_handler():
    text = keeps(mitm=True, io=0).replace(
        "        await asyncio.sleep_ms(100)\n",
        "        await asyncio.sleep_ms(3000)\n"
        "        try:\n"
        "            ble.gap_passkey(0, 3, 123456)\n"
        "        except OSError as error:\n"
        "            print('not now', error.errno)\n",
    )

    async def scene(board: Visit):
        client = await board.connect()
        await client.pair(passkey=123456)
        await asyncio.sleep(0.5)

    assert "28 0 1 1 1 16" in visit(text, scene)


def test_the_program_may_ask_the_central_to_pair():
    asks = "    elif event == 1:\n        ble.gap_pair(data[0])\n    elif event != 4:"
    text = keeps().replace("    elif event != 4:", asks)

    async def scene(board: Visit):
        await board.connect()
        await asyncio.sleep(3)

    assert UPDATED in visit(text, scene)


def test_switched_on_again_it_asks_again():
    lines = run_program(
        EVENTS
        + KEEPS.replace("config)", "{})").split("open_,")[0]
        + "ble.active(False)\nprint(ble.active())\nble.active(True)\nprint(ble.active())"
    ).lines
    new = [f"set 10 {b'irk'.hex()} True", "get 2 0 None"]
    assert lines == [*START, *new, "False", *START, "get 2 0 None", "True"]
