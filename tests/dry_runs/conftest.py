"""Lives are committed, for tills pay on a thread of their own; afterwards the books of each are proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meguri.tills import operations as tills
from tests.programmes.vouchers.lived_town import prove_committed_books


@pytest.fixture
def books(transactional_db: None) -> Iterator[None]:
    yield
    tills.stop()
    prove_committed_books()
