"""What the tests of extras share: each needs packages that vectlite itself does not, pinned under `requirements/`."""

from __future__ import annotations
