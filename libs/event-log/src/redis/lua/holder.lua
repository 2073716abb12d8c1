--[[
  Who holds a partition. A script, though it only reads: so Redis refuses it whenever it refuses to renew leases (no disk, no
  replica), and nobody takes a lease for forgotten that ran out meanwhile.

  KEYS[1] lease

  Returns the token, or nil
]]
return redis.call('GET', KEYS[1])
