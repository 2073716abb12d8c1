#!lua
--[[
  The beats of all processes. It has no flags, though it only reads: so Redis refuses it whenever it refuses a write (no
  memory, no disk, no replica), and a reader does not take those for dead who cannot write their beats.

  KEYS[1] registry (hash: process -> beat)

  Returns flat pairs
]]
return redis.call('HGETALL', KEYS[1])
