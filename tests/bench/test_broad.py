"""BROAD's own files become the recordings that were made of them elsewhere."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from bench.broad import convert, main
from bench.errors import SourceError
from bench.ours import on_vm
from bench.peers import PEERS
from bench.score import rmse_deg
from bench.trial import load_trials

TRIAL = "36_disturbed_attached_magnet_5cm"
# How far errors on the two may differ, degrees.
AGREEMENT_DEG = 0.02


def source(seconds=4.0):
    """A file of BROAD: a sensor that lies still on its side, and turns about its y at the end."""
    n = int(seconds * 2000 / 7)
    acc = np.tile((9.80665, 0.0, 0.0), (n, 1))
    gyr = np.zeros((n, 3))
    gyr[n // 2 :, 1] = np.radians(100.0)
    # w x y z: turned by -90 degrees about y, so that up is along its x
    quaternion = np.tile((np.sqrt(0.5), 0.0, -np.sqrt(0.5), 0.0), (n, 1))
    movement = np.zeros((n, 1), np.uint8)
    movement[n // 4 :] = 1
    return {
        "imu_acc": acc,
        "imu_gyr": gyr,
        "opt_quat": quaternion,
        "movement": movement,
        "sampling_rate": np.array([[2000 / 7]]),
    }


@pytest.fixture
def converted(tmp_path):
    def make(arrays):
        savemat(tmp_path / "99_made.mat", arrays)
        return convert(tmp_path / "99_made.mat")

    return make


def test_units_and_rate(converted):
    recording = converted(source())
    site = recording.sites["sensor"]
    assert recording.rate_hz == 208.0
    assert recording.samples == pytest.approx(4 * 208, abs=2)
    assert recording.t_us[208] == 1_000_000
    middle = recording.samples * 3 // 4
    assert site.acc[middle].tolist() == [4098, 0, 0]  # 1 g
    assert site.gyr[middle].tolist() == [0, 2857, 0]  # 100 degrees/s
    assert recording.truth["saturated"] == 0


def test_truth_is_up_in_sensor_axes(converted):
    recording = converted(source())
    assert recording.truth["gref"] == pytest.approx(np.tile((1, 0, 0), (recording.samples, 1)))
    moves = recording.truth["movement"]
    assert np.argmax(moves) == pytest.approx(208, abs=1)


def test_truth_is_missing_where_the_cameras_saw_nothing(converted):
    arrays = source()
    arrays["opt_quat"][400:500] = np.nan
    missing = np.isnan(converted(arrays).truth["gref"]).any(1)
    # A sample between a seen one and an unseen one is missing too.
    assert np.flatnonzero(missing)[[0, -1]].tolist() == [291, 363]
    assert missing.sum() == 363 - 291 + 1


def test_what_is_beyond_the_range_is_clipped_and_counted(converted):
    arrays = source()
    arrays["imu_gyr"][600:1000, 2] = np.radians(-1500)
    arrays["imu_acc"][600:1000, 1] = 100.0
    recording = converted(arrays)
    site = recording.sites["sensor"]
    assert site.gyr[600, 2] == -32768
    assert site.acc[600, 1] == 32767
    assert recording.truth["saturated"] == pytest.approx(400 * 91 / 125, abs=4)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sampling_rate": np.array([[286.0]])}, "has 286 Hz"),
        ({"opt_quat": np.zeros((8, 3))}, "has no 'opt_quat' with 4 columns"),
        ({"imu_acc": np.full((1142, 3), np.nan)}, "lacks samples"),
    ],
)
def test_other_files_are_refused(converted, change, why):
    with pytest.raises(SourceError, match=why):
        converted(source() | change)


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        convert(tmp_path / "none.mat")
    (tmp_path / "text.mat").write_text("no MATLAB at all")
    with pytest.raises(SourceError, match="is no MATLAB 5 file"):
        convert(tmp_path / "text.mat")


def test_the_command(tmp_path, capsys):
    savemat(tmp_path / "99_made.mat", source())
    assert main([str(tmp_path), str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.strip().endswith("out/broad_99_made.npz")
    (one,), _ = load_trials(tmp_path / "out")
    assert one.name == "broad_99_made"
    assert main([str(tmp_path / "out"), str(tmp_path)]) == 2
    assert "holds no .mat file" in capsys.readouterr().err
    assert main([]) == 2


@pytest.fixture(scope="module")
def both(recordings_dir, tmp_path_factory):
    """The trial as converted here, and as it lies among the recordings."""
    original = recordings_dir / "broad_source" / f"{TRIAL}.mat"
    theirs = recordings_dir / f"broad_{TRIAL}.npz"
    for path in (original, theirs):
        if not path.exists():
            pytest.skip(f"{path} is not there")
    place = tmp_path_factory.mktemp("both")
    (place / "theirs").mkdir()
    (place / "theirs" / theirs.name).symlink_to(theirs)
    assert main([str(original), str(place / "ours")]) == 0
    return [load_trials(Path(place / one))[0][0] for one in ("ours", "theirs")]


def test_converted_counts_are_those_of_the_recording(both):
    ours, theirs = both
    assert (ours.sensor.gyr == theirs.sensor.gyr).all()
    assert (ours.sensor.acc == theirs.sensor.acc).all()
    assert (ours.sensor.t_us == theirs.sensor.t_us).all()
    assert (ours.judged == theirs.judged).all()
    assert ours.up[ours.judged] == pytest.approx(theirs.up[ours.judged], abs=1e-5)


@pytest.mark.parametrize("name", ["dowel", *PEERS])
def test_every_filter_errs_alike_on_both(name, both):
    errors = []
    for trial in both:
        sensor = trial.sensor
        if name == "dowel":
            up = on_vm([sensor])[0].up
        else:
            up = PEERS[name](sensor.gyr_rad_s, sensor.acc_m_s2, sensor.rate_hz)
        errors.append(rmse_deg(up, trial))
    assert errors[0] == pytest.approx(errors[1], abs=AGREEMENT_DEG)
