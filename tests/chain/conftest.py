"""The person of the demo, and a run of it that several tests look at."""

import pytest

from dowel_host.demo import DemoResult, play
from dowel_host.recording import Recording
from dowel_host.twin.person import simple_person
from dowel_host.twin.session import TwinSettings


@pytest.fixture(scope="session")
def person() -> Recording:
    """Two sets of five hinges, the third of the second set rounded."""
    return simple_person(1)


@pytest.fixture(scope="session")
def ran(person) -> DemoResult:
    """The demo, fast, nothing lost on purpose."""
    return play(person, TwinSettings(seed=1))
