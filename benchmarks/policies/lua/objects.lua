-- SPDX-License-Identifier: GPL-3.0-or-later
--- Reads 1 MB of JSON again and again, in pieces as nginx gets them, with the policy's own code: processor time for each.

package.path = ngx.var.policy .. '/?.lua;' .. package.path

local PIECE = 8192
local PARTS = {
  prose = [[The words of a long answer, one behind the other.\n]],
  quotes = [[He said \"so\" and \"so\", and that was all there was to it. ]],
  embedding = '0.0123456789,-0.0234567891,0.0345678912,',
}
local HEADS = { embedding = '{"data":[{"embedding":[%s1]}],' }
local USAGE = '"usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18}}'

local kind, times = ngx.var.arg_kind, tonumber(ngx.var.arg_times)
local head, part = HEADS[kind] or '{"choices":[{"message":{"content":"%s"}}],', PARTS[kind]
local text = head:format(part:rep(math.floor(1e6 / #part))) .. USAGE
local new = require('json_answer').new

local function read()
  local reader = new()
  for from = 1, #text, PIECE do reader:feed(text:sub(from, from + PIECE - 1)) end
  assert(reader:tokens().total == 18)
end

for _ = 1, 20 do read() end
local began = os.clock()
for _ = 1, times do read() end
ngx.print(string.format('{"milliseconds":%.4f}', (os.clock() - began) / times * 1000))
