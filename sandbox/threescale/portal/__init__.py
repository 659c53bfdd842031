# SPDX-License-Identifier: GPL-3.0-or-later
"""The developer portal: pages made of Liquid, sign-up, sign-in, subscriptions, applications and keys."""
