"""Which port is meant, and why one does not open."""

import errno
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from dowel_host.flasher import ports
from dowel_host.flasher.errors import NoPortError, SeveralPortsError


def plug(monkeypatch, *devices):
    """Plug boards in at these devices; the computer has a port of its own besides."""
    infos = [
        SimpleNamespace(device=device, description="CP2102", vid=0x10C4, pid=0xEA60)
        for device in devices
    ]
    own = SimpleNamespace(device="/dev/ttyS0", description="n/a", vid=None, pid=None)

    class Sortable(SimpleNamespace):
        def __lt__(self, other):
            return self.device < other.device

    monkeypatch.setattr(
        list_ports, "comports", lambda: [Sortable(**vars(info)) for info in (*infos, own)]
    )


def test_the_only_one_is_taken(monkeypatch):
    plug(monkeypatch, "/dev/ttyUSB0")
    assert ports.only_port() == "/dev/ttyUSB0"
    assert ports.usb_ports() == [ports.Port("/dev/ttyUSB0", "CP2102", "10c4:ea60")]


def test_none(monkeypatch):
    plug(monkeypatch)
    with pytest.raises(NoPortError, match="connect it with a USB cable that carries data"):
        ports.only_port()


def test_several_are_listed(monkeypatch):
    plug(monkeypatch, "/dev/ttyUSB1", "/dev/ttyACM0")
    with pytest.raises(SeveralPortsError, match=r"\(/dev/ttyACM0, /dev/ttyUSB1\)") as raised:
        ports.only_port()
    assert "--port PORT" in str(raised.value)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOENT, "gone"), "is not there: plug the board in"),
        (OSError(errno.EACCES, "denied"), "may not be used by you: run `sudo usermod -aG "),
        (OSError(errno.EBUSY, "busy"), "is in use: close the other program"),
        (OSError(errno.EAGAIN, "locked"), "is in use: close the other program"),
        (OSError("could not open: PermissionError(13, 'Access is denied.')"), "is in use"),
        (OSError(errno.EIO, "broken"), "cannot be opened as a serial port ([Errno 5] broken)"),
    ],
)
def test_why_one_does_not_open(error, says):
    assert says in str(ports.port_error("/dev/ttyUSB0", error))


def test_the_group_is_that_of_the_port(tmp_path):
    port = tmp_path / "port"
    port.touch()
    error = ports.port_error(str(port), OSError(errno.EACCES, "denied"))
    assert f"-aG {port.group()} $USER" in str(error)
