-- SPDX-License-Identifier: GPL-3.0-or-later
--- Keeps ngx.ctx over the jumps inside nginx (ngx.exec, post_action), which empty it: the number of a request's table stands
-- in $ctx_ref, which survives.

local _M = {}

local live, last = {}, 0

--- Rewrite phase: remembers this request's ngx.ctx.
function _M.stash()
  last = last + 1
  ngx.var.ctx_ref = last
  live[last] = ngx.ctx
end

--- After a jump: gives ngx.ctx back.
function _M.apply()
  local kept = live[tonumber(ngx.var.ctx_ref)]
  if kept then ngx.ctx = kept end
end

--- Log phase, the last one.
function _M.forget()
  live[tonumber(ngx.var.ctx_ref) or 0] = nil
end

return _M
