-- SPDX-License-Identifier: GPL-3.0-or-later
--- A model server that answers at once: X-Bench names the answer (small, mega, events:N).

local EVENT = 'data: {"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1760000000,"model":"granite",' ..
  '"choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}\n\n'
local USAGE = '"usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18}'
local WORDS = [[The words of a long answer, one behind the other, with a line \n and what \"somebody\" said in it. ]]

local function object(text)
  local body = '{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"' .. text .. '"}}],' .. USAGE .. '}'
  ngx.header.content_type = 'application/json'
  ngx.header.content_length = #body
  ngx.print(body)
end

local function events(count)
  ngx.header.content_type = 'text/event-stream'
  for number = 1, count do
    ngx.print(EVENT)
    if number % 64 == 0 then ngx.flush(true) end
  end
  ngx.print('data: {"id":"c","choices":[],' .. USAGE .. '}\n\ndata: [DONE]\n\n')
end

ngx.req.read_body()
local kind = ngx.req.get_headers()['x-bench'] or 'small'
local count = tonumber(kind:match('^events:(%d+)$'))
if count then return events(count) end
object(kind == 'mega' and WORDS:rep(10000) or 'Hello.')
