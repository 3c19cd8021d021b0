"""Every test of the radio: bumble has nothing to complain of."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _no_complaints(caplog):
    caplog.set_level(logging.WARNING)
    yield
    complaints = [
        record.getMessage()
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING
    ]
    assert complaints == []
