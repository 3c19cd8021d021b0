"""`bluetooth` as a program on the board meets it: settings, errors, the handler, reading."""

import pytest
from bleak.exc import BleakGATTProtocolError

from dowel_host.twin.radio.bonds import Bond
from dowel_host.twin.radio.handler import HandlerError
from dowel_host.twin.radio.nimble import NotModelledError
from twin.bluetooth_vm import Visit, visit
from twin.programs import run_program

TRY = """
import bluetooth
ble = bluetooth.BLE()
def attempt(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
"""


def attempts(*calls: str, active: bool = True) -> list[str]:
    """Print what each call gives or raises."""
    start = TRY + ("ble.active(True)\n" if active else "")
    return run_program(start + "".join(f"attempt(lambda: {call})\n" for call in calls)).lines


class TestConfig:
    def test_what_can_be_read(self):
        assert attempts("ble.config('mac')", "ble.config('mtu')", "ble.config('gap_name')") == [
            "(0, b'$o(\\xab<O')",
            "256",
            "b'MPY ESP32'",
        ]

    @pytest.mark.parametrize(
        "name", ["rxbuf", "bond", "mitm", "io", "le_secure", "addr_mode", "x"]
    )
    def test_what_cannot(self, name):
        assert attempts(f"ble.config('{name}')") == ["ValueError unknown config param"]

    def test_what_can_be_set(self):
        lines = attempts(
            "ble.config(mtu=300, gap_name='Dowel')",
            "(ble.config('mtu'), ble.config('gap_name'))",
            "ble.config(bond=True, mitm=[], le_secure=1, io=4, addr_mode=1)",
            "ble.config('mac')[0]",
        )
        assert lines == ["None", "(300, b'Dowel')", "None", "1"]

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            ("ble.config(rxbuf=500)", "ValueError unknown config param"),
            ("ble.config(mac=b'123456')", "ValueError unknown config param"),
            ("ble.config(nothing=1)", "ValueError unknown config param"),
            ("ble.config()", "TypeError must query one param"),
            ("ble.config('mac', 'mtu')", "TypeError must query one param"),
            ("ble.config('mac', mtu=50)", "TypeError can't specify pos and kw args"),
            ("ble.config(mtu='wide')", "TypeError can't convert str to int"),
            ("ble.config(gap_name=5)", "TypeError object with buffer protocol required"),
            ("ble.config(mtu=22)", "OSError [Errno 22] EINVAL"),
            ("ble.config(gap_name=bytes(32))", "OSError [Errno 22] EINVAL"),
        ],
    )
    def test_what_it_raises_the_program_can_catch(self, call, error):
        assert attempts(call, "ble.config('mtu')") == [error, "256"]

    def test_before_it_is_active(self):
        lines = attempts(
            "ble.config(bond=True, mitm=True, le_secure=True, io=0, gap_name='early')",
            "ble.config('gap_name')",
            "ble.config(mtu=100)",
            "ble.config('mac')",
            "ble.active()",
            active=False,
        )
        missing = "OSError [Errno 19] ENODEV"
        assert lines == ["None", "b'early'", missing, missing, "False"]

    @pytest.mark.parametrize("setting", ["io=5", "addr_mode=2", "addr_mode=3"])
    def test_what_is_not_modelled_ends_the_board_and_says_so(self, setting):
        with pytest.raises(NotModelledError):
            attempts(f"ble.config({setting})")


class TestCalls:
    @pytest.mark.parametrize(
        "name",
        [
            "gap_scan",
            "gap_connect",
            "gattc_discover_services",
            "gattc_read",
            "gattc_write",
            "gattc_exchange_mtu",
            "l2cap_listen",
            "l2cap_send",
            "hci_cmd",
        ],
    )
    def test_those_of_a_central_are_refused_by_name(self, name):
        (line,) = attempts(f"ble.{name}(1, 2, 3)")
        assert line == f"NotImplementedError {name}: the virtual board is a peripheral only"

    def test_what_is_no_call_at_all(self):
        (line,) = attempts("ble.gap_teleport()")
        assert line.startswith("AttributeError")

    def test_errors_reach_the_program_by_their_numbers(self):
        assert attempts(
            "ble.gap_pair(0)",
            "ble.gap_passkey(0, 3, 123456)",
            "ble.gap_passkey(0, 9, 123456)",
            "ble.gatts_notify(0, 16, b'x')",
            "ble.gap_disconnect(0)",
            "ble.irq(5)",
            "bluetooth.UUID(70000)",
        ) == [
            "OSError -128",
            "OSError [Errno 2] ENOENT",
            "OSError [Errno 22] EINVAL",
            "OSError -128",
            "OSError -128",
            "ValueError invalid handler",
            "ValueError invalid UUID",
        ]

    def test_writing_tells_how_much(self):
        assert attempts(
            "ble.gatts_register_services(((bluetooth.UUID(1), ((bluetooth.UUID(2), 2),)),))",
            "ble.gatts_write(16, b'four')",
            "ble.gatts_read(16)",
        ) == ["((16,),)", "4", "b'four'"]


READS = """
def irq(event, data):
    show(event, data)
    if event == 4:
        return answer
ble.irq(irq)
ble.active(True)
(value,) = register(READ)
ble.gatts_write(value, b'value')
advertise()
print('ready')
asyncio.run(stay())
"""


class TestHandler:
    @pytest.mark.parametrize(
        ("answer", "got"), [("None", b"value"), ("0", b"value"), ("5", 5), ("True", 1)]
    )
    def test_its_answer_to_a_reader_decides(self, answer, got):
        async def scene(board: Visit):
            client = await board.connect()
            try:
                outcome = bytes(await client.read_gatt_char("aa00"))
            except BleakGATTProtocolError as error:
                outcome = error.code
            assert outcome == got

        lines = visit(f"answer = {answer}\n" + READS, scene)
        assert lines[-1] == "4 0 16"

    def test_what_it_was_given_lasts_while_it_calls_bluetooth(self):
        text = READS.replace("    show(", "    ble.config('gap_name')\n    show(")
        start = "silent = ()\nanswer = None\nble.config(gap_name='a name of many characters')\n"
        lines = visit(start + text, _connect)
        assert [line for line in lines if line.startswith("1 ")] == ["1 0 0 f0f0f0000001"]

    def test_one_uncaught_exception_and_it_is_never_called_again(self):
        async def scene(board: Visit):
            client = await board.connect()
            for _ in range(3):
                # Nobody answers: the value goes to everybody.
                assert await client.read_gatt_char("aa00") == b"value"

        text = READS.replace("return answer", "return data[7]")
        lines = visit(text, scene)
        assert lines.count("Unhandled exception in IRQ callback handler") == 1
        assert lines.count("4 0 16") == 1
        assert "IndexError" in lines[-1]

    def test_a_secret_that_is_no_bytes_would_crash_the_chip(self):
        with pytest.raises(HandlerError, match=r"event 29.*crashes"):
            run_program(
                "import bluetooth\nble = bluetooth.BLE()\n"
                "ble.irq(lambda event, data: 5)\nble.active(True)"
            )

    def test_a_secret_for_every_index_would_hang_it(self):
        bond = Bond(peer=bytes(7), ltk=bytes(16), authenticated=False, secure_connections=True)
        size = len(bond.pack())
        with pytest.raises(HandlerError, match="without end"):
            run_program(
                "import bluetooth\nble = bluetooth.BLE()\n"
                f"ble.irq(lambda event, data: bytes(16 if data[0] == 10 else {size}))\n"
                "ble.active(True)"
            )

    def test_without_a_handler_nothing_is_asked(self):
        async def scene(board: Visit):
            client = await board.connect()
            assert await client.read_gatt_char("aa00") == b"value"

        assert visit(READS.replace("ble.irq(irq)\n", ""), scene) == ["ready"]

    def test_it_answers_while_the_program_computes(self):
        async def scene(board: Visit):
            client = await board.connect()
            start = board.board.loop.now_us
            assert await client.read_gatt_char("aa00") == b"value"
            assert board.board.loop.now_us - start < 100_000

        busy = """
import time
while True:
    time.ticks_us()
"""
        visit("answer = None\n" + READS.replace("asyncio.run(stay())", busy), scene)

    def test_switching_the_radio_on_from_inside_it_is_refused(self):
        text = READS.replace("return answer", "ble.active(True)")
        lines = visit(text, _read)
        assert lines[-1].startswith("NotImplementedError: active()")


async def _connect(board: Visit) -> None:
    await board.connect()


async def _read(board: Visit) -> None:
    client = await board.connect()
    await client.read_gatt_char("aa00")
