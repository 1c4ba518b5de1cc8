-- Random polls of known vehicles, each with its own token: wrk -s poll.lua URL -- COUNT
local count = 1

function init(args)
  count = tonumber(args[1])
  math.randomseed(os.time())
end

function request()
  local id = string.format("LSV%014d", math.random(0, count - 1))
  return wrk.format("GET", "/DEFAULT/controller/v1/" .. id, {
    ["Authorization"] = "TargetToken t" .. id,
    ["Accept"] = "application/json",
  })
end
