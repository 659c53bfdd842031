-- SPDX-License-Identifier: GPL-3.0-or-later
std = "ngx_lua"
max_line_length = 140
unused_args = true
self = false
