# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own compact custom resource definitions, and the choice of a folder of real ones in their place."""
