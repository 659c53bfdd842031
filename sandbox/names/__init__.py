# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS of the cluster's Services: names become the addresses of the Ready Pods behind them."""
