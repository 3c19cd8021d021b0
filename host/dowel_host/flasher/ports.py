"""The serial ports of this computer that may be a board."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

from dowel_host.flasher.errors import NoPortError, PortError, SeveralPortsError


@dataclass(frozen=True)
class Port:
    """A USB serial port."""

    device: str
    description: str
    usb_id: str  # vendor:product, as lsusb shows it


def usb_ports() -> list[Port]:
    """Return the ports on USB, sorted; others belong to the computer itself."""
    return [
        Port(info.device, info.description or "", f"{info.vid:04x}:{info.pid or 0:04x}")
        for info in sorted(list_ports.comports())
        if info.vid is not None
    ]


def only_port() -> str:
    """Return the device of the only port. NoPortError, SeveralPortsError."""
    ports = [port.device for port in usb_ports()]
    if not ports:
        raise NoPortError
    if len(ports) > 1:
        raise SeveralPortsError(ports)
    return ports[0]


def why_closed(device: str) -> PortError:
    """Return why a port that could not be opened could not: tries again."""
    try:
        serial.serial_for_url(device, exclusive=True).close()
    except (OSError, ValueError) as error:
        return port_error(device, error)
    return PortError(device, "did not open at once", "run it again")


def port_error(device: str, error: Exception) -> PortError:
    """Return a failed open as a sentence."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return PortError(
            device, "is not there", "plug the board in; `dowel flash --list` lists the ports"
        )
    if number in (errno.EACCES, errno.EPERM):
        return PortError(device, "may not be used by you", _permission_remedy(device))
    # On Windows 'access denied' comes without a number, and means that somebody has it open.
    if number in (errno.EBUSY, errno.EAGAIN) or "PermissionError" in str(error):
        return PortError(
            device, "is in use", "close the other program (a serial monitor, mpremote)"
        )
    return PortError(
        device,
        f"cannot be opened as a serial port ({_short(error)})",
        "`dowel flash --list` lists the ports",
    )


def _permission_remedy(device: str) -> str:
    group = "dialout"
    if os.name == "posix" and Path(device).exists():
        group = Path(device).group()
    return f"run `sudo usermod -aG {group} $USER`, then log out and in"


def _short(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
