--[[
  Takes a partition whose lease nobody holds: a new epoch, greater than any before it. Repeated with the same token it
  answers the same epoch.

  KEYS[1] lease   KEYS[2] head   KEYS[3] sent   KEYS[4] watched
  ARGV[1] token   ARGV[2] lease, ms

  Returns nil if somebody holds it, else {epoch, commit, inbox cursor, dispatched, ms now, sent (flat pairs), watched}
]]
local token, lease = ARGV[1], ARGV[2]
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= token then return nil end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head = redis.call('HMGET', KEYS[2], 'token', 'epoch', 'commit', 'cursor', 'dispatched')
local epoch = tonumber(head[2] or 0)
if head[1] ~= token or not holder then epoch = math.max(epoch + 1, now) end

redis.call('SET', KEYS[1], token, 'PX', lease)
redis.call('HSET', KEYS[2], 'token', token, 'epoch', string.format('%.0f', epoch))
return {
  epoch, tonumber(head[3] or 0), head[4] or '0', tonumber(head[5] or 0), now,
  redis.call('HGETALL', KEYS[3]), redis.call('SMEMBERS', KEYS[4]),
}
