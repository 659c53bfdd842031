-- SPDX-License-Identifier: GPL-3.0-or-later
--- When the reports of a worker are sent: at once, but for a key that has more calls under way, or a report, or that has had many
-- calls in this second; what such a key uses is gathered for a moment. They go by timers of their own, since a request is ended,
-- and what it does with it, when its client closes the connection.

local has_semaphores, semaphores = pcall(require, 'ngx.semaphore')
local floor = math.floor
local ngx, pairs, pcall, setmetatable, tostring = ngx, pairs, pcall, setmetatable, tostring

local _M = {}
local mt = { __index = _M }

local SENDERS = 16 -- at most, at the same time
local GATHERING = 0.02 -- seconds; longer where the clock is coarse (docs/threescale-behaviour.md#gateway-clock)
local MANY = 20 -- calls of a key in a second; a report of each of more would cost as much as the calls themselves
local PATIENCE = 1 -- seconds that a call waits at most

--- deliver(id, job) sends a job, merge(job, other) adds one to another of the same id.
function _M.new(deliver, merge)
  return setmetatable({
    deliver = deliver, merge = merge,
    calls = {}, -- by id: calls of the model that are under way
    waiting = {}, -- by id: the job that is sent next
    on_the_way = {}, -- by id: whether one is being sent
    ready = {}, first = 1, last = 0, -- ids whose jobs may go
    senders = 0, gathers = false,
    second = 0, ended = {}, -- by id: calls that have ended in this second
  }, mt)
end

--- A call of the model begins.
function _M:begin(id)
  self.calls[id] = (self.calls[id] or 0) + 1
end

local function count_end(self, id)
  local second = floor(ngx.now())
  if second ~= self.second then self.second, self.ended = second, {} end
  self.ended[id] = (self.ended[id] or 0) + 1
end

local function is_busy(self, id)
  return self.on_the_way[id] or self.calls[id] ~= nil or self.ended[id] > MANY
end

local function make_ready(self, id, job)
  if job.ready or self.on_the_way[id] then return end
  job.ready = true
  self.last = self.last + 1
  self.ready[self.last] = id
end

local function next_ready(self)
  if self.first > self.last then return nil end
  local id = self.ready[self.first]
  self.ready[self.first] = nil
  self.first = self.first + 1
  return id
end

local function send_next(self, id)
  local job = self.waiting[id]
  self.waiting[id], self.on_the_way[id] = nil, true
  local ok, problem = pcall(self.deliver, id, job)
  self.on_the_way[id] = nil
  if job.sent then job.sent:post() end
  if not ok then ngx.log(ngx.ERR, 'usage lost: ', tostring(problem)) end
end

--- Whether what waits is going to be sent in a moment.
local function gather(self)
  if not self.gathers then self.gathers = ngx.timer.at(GATHERING, _M.flush, self) and true or false end
  return self.gathers
end

--- Sends what is ready. What the same key has used meanwhile goes next time.
local function send_all(_, self)
  local id = next_ready(self)
  while id do
    send_next(self, id)
    local waiting = self.waiting[id]
    if waiting and not (self.calls[id] and gather(self)) then make_ready(self, id, waiting) end
    id = next_ready(self)
  end
  self.senders = self.senders - 1
end

local function start_senders(self)
  for _ = self.first, self.last do
    if self.senders >= SENDERS then return end
    self.senders = self.senders + 1
    if not ngx.timer.at(0, send_all, self) then return send_all(nil, self) end
  end
end

--- Sends all that waits. Called by a timer; also when the gateway ends.
function _M.flush(_, self)
  self.gathers = false
  for id, job in pairs(self.waiting) do make_ready(self, id, job) end
  start_senders(self)
end

--- Lets the end of a call wait for its report: then the gateway's own one of the same call, and the next call on the same
-- connection, find its tokens counted.
local function wait_for(self, job)
  if not has_semaphores then return start_senders(self) end
  job.sent = semaphores.new()
  start_senders(self)
  job.sent:wait(PATIENCE)
end

--- A call has ended, and used something or not (job nil).
function _M:finish(id, job)
  local calls = (self.calls[id] or 1) - 1
  self.calls[id] = calls > 0 and calls or nil
  local waiting = self.waiting[id]
  if waiting and job then
    self.merge(waiting, job)
  elseif job then
    self.waiting[id], waiting = job, job
  end
  if not waiting then return end
  count_end(self, id)
  if is_busy(self, id) and gather(self) then return end
  make_ready(self, id, waiting)
  if waiting == job then return wait_for(self, job) end
  start_senders(self)
end

return _M
