# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics: what the backend counted, cut into hours, days or months of the tenant's time zone.

`ranges.py` (pure) turns parameters into buckets of time, `values.py` fills them from the backend's counters,
`usage.py` makes the documents that the Admin API (`resources/stats.py`) and the developer portal show.
"""
