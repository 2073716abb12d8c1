--[[
  The beats of all processes. A script, though it only reads: so Redis refuses it whenever it refuses a beat (no disk, no
  replica), and nobody is taken for dead who cannot write.

  KEYS[1] registry (hash: process -> beat)

  Returns flat pairs
]]
return redis.call('HGETALL', KEYS[1])
