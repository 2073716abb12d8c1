--[[
  Gives a partition up: its owner can commit no more, and the next need not wait for the lease to run out.

  KEYS[1] lease   KEYS[2] head
  ARGV[1] token   ARGV[2] epoch

  Returns 1, or 0 if the partition has another owner (nothing is changed)
]]
local head = redis.call('HMGET', KEYS[2], 'token', 'epoch')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], 'token', '')
return 1
