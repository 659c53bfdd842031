# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Kubernetes control plane, a node that runs Pods as local processes, and a small client for both."""
