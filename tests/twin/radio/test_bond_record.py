"""The bytes in which a bond is kept."""

from hypothesis import given
from hypothesis import strategies as st

from dowel_host.twin.radio.bonds import Bond


@given(
    st.builds(
        Bond,
        peer=st.binary(min_size=7, max_size=7),
        ltk=st.binary(min_size=16, max_size=16),
        authenticated=st.booleans(),
        secure_connections=st.booleans(),
        key_bytes=st.integers(7, 16),
        ediv=st.integers(0, 0xFFFF),
        rand=st.integers(0, (1 << 64) - 1),
        irk=st.none() | st.binary(min_size=16, max_size=16),
        csrk=st.none() | st.binary(min_size=16, max_size=16),
    )
)
def test_it_comes_back_as_it_was_kept(bond):
    data = bond.pack()
    assert Bond.unpack(data) == bond
    assert Bond.unpack(data[1:]) is Bond.unpack(data + b"x") is None
