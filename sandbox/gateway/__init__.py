# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway of the sandbox: a real nginx with Lua that plays APIcast, staging and production.

The Lua code lies in `lua/`: `apicast/` are modules that policies may ask for by the names that APIcast gives them,
`gateway/` the machinery, `builtin/` the policies that come with APIcast, one folder each. It is written for Debian's
nginx (lua-nginx-module 0.10, lua-resty-core, lua-cjson) on the facts of how APIcast behaves; none of its code is in it.
"""
