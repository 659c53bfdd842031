-- SPDX-License-Identifier: GPL-3.0-or-later
--- Three ways to limit. Each limiter says whether one more is admitted, takes it (seconds to wait), and may be told that it left.
-- Nothing yields between asking and taking, so with one worker no other request comes between.

local _M = {}

local dict = ngx.shared.limiter

local fixed_window = {}

function fixed_window:prepare()
  self.window = (tonumber(self.options.window) or 0) > 0 and self.options.window or 1
  local now = ngx.time()
  self.key = string.format('%d_%s', now - now % self.window, self.key)
end

function fixed_window:admits()
  return (dict:get(self.key) or 0) < self.options.count
end

function fixed_window:take()
  dict:incr(self.key, 1, 0, self.window)
  return 0
end

local leaky_bucket = {}

--- Requests above the rate that are still in the bucket, with this one.
function leaky_bucket:excess()
  local kept = dict:get(self.key)
  if not kept then return 0 end
  local excess, at = kept:match('^(.-) (.-)$')
  local drained = self.options.rate * math.max(0, ngx.now() - tonumber(at))
  return math.max(0, tonumber(excess) - drained + 1)
end

function leaky_bucket:admits()
  ngx.update_time()
  return self:excess() <= (self.options.burst or 0)
end

function leaky_bucket:take()
  local excess = self:excess()
  dict:set(self.key, excess .. ' ' .. ngx.now(), 3600)
  return excess / self.options.rate
end

local connections = {}

function connections:admits()
  return (dict:get(self.key) or 0) < self.options.conn + (self.options.burst or 0)
end

function connections:take()
  local now = dict:incr(self.key, 1, 0)
  if now <= self.options.conn then return 0 end
  return math.floor((now - 1) / self.options.conn) * (self.options.delay or 0)
end

function connections:leave()
  dict:incr(self.key, -1, 0)
end

local KINDS = { fixed_window = fixed_window, leaky_bucket = leaky_bucket, connections = connections }

local function nothing() end

--- kind: fixed_window {count, window}, leaky_bucket {rate, burst}, connections {conn, burst, delay}; times in seconds.
function _M.new(kind, options, key)
  local class = KINDS[kind]
  local limiter = setmetatable({ options = options, key = key, leave = class.leave or nothing }, { __index = class })
  if limiter.prepare then limiter:prepare() end
  return limiter
end

return _M
