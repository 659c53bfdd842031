# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers (kopf) that answer the custom resources as OpenShift's operators do."""
