-- SPDX-License-Identifier: GPL-3.0-or-later
--- Drives the queue of reports through random schedules: calls and timers go on in any order, and timers may be refused.
-- Gives what was wrong, or nil. `seed` and `folder` (of the policy) come from the test.

local seed, folder = ...
package.path = folder .. '/?.lua;' .. package.path
math.randomseed(seed)

local timers, running, refuses = {}, {}, seed % 2 == 0
local clock, pace = 0, seed % 3 -- seconds; of an hour, of a moment or none between two steps
local function spawn(run) running[#running + 1] = coroutine.create(run) end
local function pause(most) for _ = 1, math.random(0, most) do coroutine.yield() end end

ngx = { ERR = 1, log = function() end, now = function() return clock end, timer = {
  at = function(_, run, ...)
    if refuses and math.random() < 0.3 then return nil, 'too many' end
    timers[#timers + 1] = { run = run, args = { ... } }
    return true
  end,
} }
package.loaded['ngx.semaphore'] = { new = function()
  local given = false
  return {
    post = function() given = true end,
    wait = function() for _ = 1, 20 do if not given then coroutine.yield() end end end,
  }
end }
package.loaded.report_queue = nil

local reported, used = 0, 0
local queue = require('report_queue').new(function(_, job)
  pause(3)
  reported = reported + job.tokens
end, function(job, other) job.tokens = job.tokens + other.tokens end)

local function call()
  local id = 'key' .. math.random(5)
  pause(5)
  queue:begin(id)
  pause(6)
  local tokens = math.random(0, 4)
  used = used + tokens
  queue:finish(id, tokens > 0 and { tokens = tokens } or nil)
end

for _ = 1, math.random(60) do spawn(call) end
local steps = 0
while #running > 0 or #timers > 0 do
  steps, clock = steps + 1, clock + ({ [0] = 0, 0.01, 3600 })[pace]
  if steps > 100000 then return 'it does not end' end
  if #timers > 0 and math.random() < 0.5 then
    local timer = table.remove(timers, math.random(#timers))
    spawn(function() timer.run(false, unpack(timer.args)) end)
  end
  local index = #running > 0 and math.random(#running)
  local ok, problem = true, nil
  if index then ok, problem = coroutine.resume(running[index]) end
  if not ok then return problem end
  if index and coroutine.status(running[index]) == 'dead' then table.remove(running, index) end
end
if reported ~= used then return reported .. ' of ' .. used .. ' reported' end
if next(queue.waiting) or next(queue.calls) or next(queue.on_the_way) or queue.senders > 0 then return 'something is left' end
