"""What the receiver reads stood on the wire: the bytes of the notifications in the HCI traffic."""

import asyncio

from dowel.link import wire
from dowel_host.client import Client, Listener
from dowel_host.links.ble import BleCarrier, find
from dowel_host.messages import Rep
from dowel_host.twin.clock import run
from dowel_host.twin.person import simple_person
from dowel_host.twin.radio.hci_log import HciLog
from dowel_host.twin.session import Twin

NOTIFICATION = 0x1B


def test_a_reps_bytes_are_in_the_hci_traffic() -> None:
    seen: list[tuple[Rep, bytes]] = []

    async def main() -> list[bytes]:
        async with Twin(simple_person(1, sets=1, reps=1, rounded=None)) as twin:
            log = HciLog(lambda: twin.board.loop.now_us)
            twin.peripheral.hci_log = log
            listener = Listener(on_rep=lambda rep, data: seen.append((rep, data)))
            carrier = BleCarrier(await find(twin.radio), twin.radio)
            async with Client(carrier, listener) as client:
                await client.reps_after(0, 0)
                await asyncio.sleep(12)
            return [bytes(packet.data) for packet in log]

    packets = run(main(), realtime=False)
    ((rep, message),) = seen
    marks = (rep.low_ms, rep.peak_ms, rep.rise_ms, rep.end_ms, rep.peak_trunk_cdeg or 0)
    by_hand = (
        bytes((wire.REP, wire.VERSION, 1, 0))
        + rep.epoch.to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + rep.start_ms.to_bytes(4, "little")
        + b"".join(mark.to_bytes(2, "little") for mark in marks)
        + (rep.peak_flexion_cdeg or 0).to_bytes(2, "little", signed=True)
        + bytes((rep.flags, rep.cues))
    )
    assert message == by_hand
    carrying = [packet for packet in packets if by_hand in packet]
    assert len(carrying) == 1
    at = carrying[0].index(by_hand)
    assert carrying[0][at - 3] == NOTIFICATION
