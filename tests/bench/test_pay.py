"""The measure of paying tells payments only."""

import pytest
from bench.pay import payments_only


def test_payments_are_told_as_they_are() -> None:
    told = {"per_s": 1_500.0, "p99_ms": 90.0, "statuses": {"201": 7_500}}
    assert payments_only(told) is told


@pytest.mark.parametrize("statuses", [{"401": 7_500}, {"201": 7_499, "503": 1}, {}])
def test_a_rate_that_holds_refusals_ends_the_measure_and_no_figure_is_printed(
    statuses: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        payments_only({"per_s": 9_000.0, "p99_ms": 9.0, "statuses": statuses})
    assert ended.value.code not in (0, None)
    assert "not every request was a payment" in str(ended.value)
    assert capsys.readouterr().out == ""
