# SPDX-License-Identifier: GPL-3.0-or-later
"""A local model hub with small files, for huggingface_hub through ``HF_ENDPOINT``."""
