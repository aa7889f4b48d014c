"""What the tests of extras share: each needs packages that vectlite itself does not, pinned under `requirements/`."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Lets pytest-asyncio run every coroutine: the suites of frameworks do not mark theirs."""
    if config.pluginmanager.has_plugin("asyncio"):
        config.option.asyncio_mode = "auto"
