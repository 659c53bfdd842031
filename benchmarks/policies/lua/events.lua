-- SPDX-License-Identifier: GPL-3.0-or-later
--- Reads one event again and again, with the policy's own code: processor time for each, and what memory grew by.

package.path = ngx.var.policy .. '/?.lua;' .. package.path

local EVENT = 'data: {"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1760000000,"model":"granite",' ..
  '"choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}\n\n'

local reader, count = require('event_answer').new(ngx.var.arg_hiding ~= nil), tonumber(ngx.var.arg_events)

local function memory()
  collectgarbage()
  collectgarbage()
  return collectgarbage('count')
end

for _ = 1, 20000 do reader:feed(EVENT) end
local before, began = memory(), os.clock()
for _ = 1, count do reader:feed(EVENT) end
local took = os.clock() - began
ngx.print(string.format('{"microseconds":%.4f,"kilobytes":%.1f}', took / count * 1e6, memory() - before))
