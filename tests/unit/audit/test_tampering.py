"""The watch on the stream of entries."""

from typing import Any

import pytest

from echoes.tasks.audit import tampered


def batch(*names: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": str(number),
                "eventName": name,
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"pk": {"S": "U#ada"}, "sk": {"S": f"TX#{number:010d}"}},
                    "SequenceNumber": str(number),
                    "StreamViewType": "NEW_IMAGE",
                },
            }
            for number, name in enumerate(names, start=1)
        ]
    }


def test_every_entry_changed_or_removed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """L16: MODIFY and REMOVE are counted, one each, in the metric that rings."""
    assert tampered(batch("INSERT", "MODIFY", "REMOVE", "MODIFY")) == 3
    assert '"LedgerTampered":[3.0]' in capsys.readouterr().out


def test_entries_that_are_only_inserted_ring_no_bell(capsys: pytest.CaptureFixture[str]) -> None:
    """Normal operation rings no alarm."""
    assert tampered(batch("INSERT", "INSERT")) == 0
    assert "LedgerTampered" not in capsys.readouterr().out


def test_a_record_nobody_understands_is_not_passed_over() -> None:
    """It is raised, so that it becomes a dead letter and an alarm, not a silence."""
    with pytest.raises(ValueError, match="eventName"):
        tampered({"Records": [{"dynamodb": {"Keys": {}}}]})
