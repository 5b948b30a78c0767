"""How the lean routes ask the database: in threads beside the event loop, which live outside Django's requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection

from meguri.faces.entrance.refusals import AWAY

THREADS = 4
lookups = ThreadPoolExecutor(THREADS, thread_name_prefix="lean")
Answer = TypeVar("Answer")


async def here_or_there(work: Callable[[], Answer]) -> Answer:
    """Do it here when this process knows all that is needed, else in a thread that may ask the database.

    Django itself forbids a query on the event loop; so the first time, and for keys and invented clocks, it says so.
    """
    try:
        return work()
    except SynchronousOnlyOperation:
        return await there(work)


async def there(work: Callable[[], Answer]) -> Answer:
    """Do what certainly asks the database."""
    return await asyncio.get_running_loop().run_in_executor(lookups, _patiently, work)


def _patiently(work: Callable[[], Answer]) -> Answer:
    """Nobody else lets a connection of these threads go that a restart has broken."""
    try:
        return work()
    except AWAY:
        connection.close()
        return work()
