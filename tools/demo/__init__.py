# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: a sandbox, the site playbook twice, and a developer who signs in, gets a key and calls models."""
