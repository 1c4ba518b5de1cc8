-- Progress reports of random vehicles about their open actions: wrk -s feedback.lua URL -- COUNT
local count = 1
local body = '{"id":1,"time":"20261121T081222","status":{"result":{"progress":{"cnt":0,"of":1},'
  .. '"finished":"none"},"execution":"proceeding",'
  .. '"details":["Installing Update Chunk Artifacts."]}}'

function init(args)
  count = tonumber(args[1])
  math.randomseed(os.time())
end

function request()
  local number = math.random(0, count - 1)
  local id = string.format("LSV%014d", number)
  local path = "/DEFAULT/controller/v1/" .. id .. "/deploymentBase/" .. (number + 1) .. "/feedback"
  return wrk.format("POST", path, {
    ["Authorization"] = "TargetToken t" .. id,
    ["Content-Type"] = "application/json",
  }, body)
end
