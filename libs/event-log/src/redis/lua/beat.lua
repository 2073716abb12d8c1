--[[
  Tells of a process, also when Redis is out of memory: whoever cannot beat would be taken for dead.

  KEYS[1] registry (hash: process -> beat)
  ARGV[1] process   ARGV[2] beat

  Returns 1
]]
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
