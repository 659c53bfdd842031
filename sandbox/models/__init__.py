# SPDX-License-Identifier: GPL-3.0-or-later
"""A small model server: OpenAI's interface, vLLM's metrics and command line, deterministic answers."""
