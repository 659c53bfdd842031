# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer: parameters, credentials, formats, paging, answers. Knows no resource."""
