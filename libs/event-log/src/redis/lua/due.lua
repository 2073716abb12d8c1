--[[
  The aggregates whose deadline is at or before a moment, earliest first. A script, though it only reads: so Redis refuses it
  whenever it refuses the mail that would have prevented them (no disk, no replica).

  KEYS[1] deadlines (sorted set)
  ARGV[1] the moment, ms   ARGV[2] how many at most

  Returns their keys
]]
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
