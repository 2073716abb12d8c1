--[[
  Prolongs the lease of the partition's owner, also one that ran out while nobody took the partition.

  KEYS[1] lease   KEYS[2] head
  ARGV[1] token   ARGV[2] epoch   ARGV[3] lease, ms   ARGV[4] a commit of the owner's that was acknowledged

  Returns 1, or 0 if the partition has another owner or forgot that commit
]]
local head = redis.call('HMGET', KEYS[2], 'token', 'epoch', 'commit')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
if tonumber(head[3] or 0) < tonumber(ARGV[4]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
