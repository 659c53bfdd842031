-- SPDX-License-Identifier: GPL-3.0-or-later
--- What the command line said, as `python -m sandbox.gateway` wrote it into the state folder (mode 600: it holds the token).
-- admin_url, admin_host, config_path, authorization; backend_url, backend_host; policies_dir, policies ({name, version} of each
-- folder there); resolver; production_cache (seconds); boot (boolean); response_codes (boolean); verify_upstream (boolean).

local cjson = require('cjson.safe')

local _M = {}

--- Called once for each process, while nginx reads its configuration.
function _M.load(path)
  local handle, err = io.open(path)
  if not handle then error('cannot read the settings ' .. path .. ': ' .. err) end
  local text = handle:read('*a')
  handle:close()
  local values, problem = cjson.decode(text)
  if not values then error('settings ' .. path .. ' are not JSON: ' .. problem) end
  for name, value in pairs(values) do
    if value ~= cjson.null then _M[name] = value end
  end
end

return _M
