"""The quality gate: the shipped model passes it, a worse one does not, and a floor falls only when told to."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from classifier.errors import InputError
from classifier.model import NO_CONCEPTS
from classifier.topicfilter import TopicFilter
from training import gate
from training.gate import Floor, Gate

OUTSIDE = Path(__file__).parent.parent.parent / "shared" / "eval"
RECORDED = Gate("abc", {"items: F1": Floor(0.9, 0.02), "pages: F1": Floor(0.8, 0.01)})


@pytest.mark.slow
def test_the_shipped_model_passes() -> None:
    """On the frozen test part always; on data outside the project where it lies beside the checkout."""
    recorded = gate.load()
    measured = gate.measure(TopicFilter.load(), OUTSIDE)
    assert gate.check(measured, recorded, gate.frozen_digest()) == []
    assert set(measured) == set(recorded.floors) or not OUTSIDE.is_dir()


@pytest.mark.slow
def test_a_spoilt_model_does_not_pass(shipped: TopicFilter) -> None:
    spoilt = TopicFilter(msgspec.structs.replace(shipped.model, concepts=NO_CONCEPTS, tables=b""))
    worse = gate.check(gate.measure(spoilt), gate.load(), gate.frozen_digest())
    assert any(line.startswith("frozen items: F1: expected at least") for line in worse)


@pytest.mark.parametrize(("figure", "passes"), [(0.95, True), (0.88, True), (0.879, False)])
def test_a_figure_may_fall_by_the_band_alone(figure: float, passes: bool) -> None:
    assert (gate.check({"items: F1": Floor(figure, 0.02)}, RECORDED, "abc") == []) is passes


def test_another_test_part_is_no_measure() -> None:
    assert "recorded on abc, found xyz" in gate.check({}, RECORDED, "xyz")[0]


def test_a_floor_rises_freely_and_falls_only_when_told() -> None:
    better, worse = {"items: F1": Floor(0.93, 0.02)}, {"items: F1": Floor(0.85, 0.02)}
    assert gate.updated(better, RECORDED, "abc", lower=False).floors == {**RECORDED.floors, **better}
    with pytest.raises(InputError, match="items: F1; --lower does that"):
        gate.updated(worse, RECORDED, "abc", lower=False)
    assert gate.updated(worse, RECORDED, "abc", lower=True).floors["items: F1"].recorded == 0.85


def test_saved_and_loaded_again_is_the_same(tmp_path: Path) -> None:
    gate.save(RECORDED, tmp_path / "gate.json")
    assert gate.load(tmp_path / "gate.json") == RECORDED
    with pytest.raises(InputError, match="expected a recorded gate"):
        gate.load(tmp_path / "absent.json")
