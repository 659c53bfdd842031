# SPDX-License-Identifier: GPL-3.0-or-later
"""The process kubelet: one Node whose Pods run as local processes."""
