-- SPDX-License-Identifier: GPL-3.0-or-later
--- Takes the word `Bearer` from the front of the Authorization header, so that a product whose key stands in that header
-- (`credentials_location: headers`, `auth_user_key: Authorization`) understands clients of the OpenAI kind, which always send
-- `Authorization: Bearer KEY`. It must stand before `apicast` in the policy chain.
--
-- One scheme goes, at the start, in any case, with the white space behind it. Everything else is left as it came: a bare key,
-- another scheme, the word without a key.

local policy = require('apicast.policy')

local _M = policy.new('Remove Bearer', '0.1')
local new = _M.new

-- RFC 9110: scheme names have no case. The key is one word or more; nginx has already cut white space at both ends.
local BEARER = [[^\s*bearer\s+(\S.*)$]]

--- configuration: none.
function _M.new(configuration)
  return new(configuration)
end

--- The header's value without its scheme, or nil where there is nothing to take away.
local function without_scheme(value)
  if type(value) ~= 'string' then return nil end -- a repeated header is not ours to mend
  local found = ngx.re.match(value, BEARER, 'ijo')
  return found and found[1]
end

function _M.rewrite()
  local key = without_scheme(ngx.req.get_headers()['authorization'])
  if key then ngx.req.set_header('Authorization', key) end
end

return _M
