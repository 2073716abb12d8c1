--[[
  The only way to change a partition besides appends. Changes all of it, or nothing unless token, epoch and previous commit
  number are those of `head`, and the inbox has the message that a new cursor names (a store that forgot some does not).
  A commit that is there already (its reply was lost) answers as it did the first time.

  KEYS[1] head   [2] lease   [3] events   [4] sent   [5] deadlines   [6] live   [7] watched   [8] blobs   [9] holders
  KEYS[10] producers   [11] inbox   KEYS[12...] state buckets and watch sets, named below by their index in KEYS

  ARGV[1] token  [2] epoch  [3] previous  [4] lease, ms  [5] at, ms  [6] inbox cursor  [7] dispatched  [8] chains (JSON)
  then lists, each led by its length:
    events   key, body, first (1|0)
    changes  key, bucket, JSON or '', deadline or '', live (1|0), list of watch sets (process, key index), list of unwatch sets
    put      ref, text
    hold     ref, by how many its holders change
    sent     target, seq
    bury     process

  Returns {'done', ms now, earliest deadline or ''} | {'fenced'}
]]
local position = 8
local function take()
  position = position + 1
  return ARGV[position]
end
local function each(act)
  for index = 1, tonumber(take()) do act(index) end
end

local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
local token, epoch, previous = ARGV[1], ARGV[2], tonumber(ARGV[3])
local number = previous + 1

local function write_event(index)
  local key, body, first = take(), take(), take()
  local id = string.format('%.0f-%d', number, index)
  if index == 1 then
    redis.call('XADD', KEYS[3], id, 'epoch', epoch, 'key', key, 'body', body, 'at', ARGV[5], 'first', first, 'chains', ARGV[8])
  else
    redis.call('XADD', KEYS[3], id, 'epoch', epoch, 'key', key, 'body', body, 'at', ARGV[5], 'first', first)
  end
end

local function change()
  local key, bucket, json, deadline, live = take(), KEYS[tonumber(take())], take(), take(), take()
  if json == '' then redis.call('HDEL', bucket, key) else redis.call('HSET', bucket, key, json) end
  if deadline == '' then redis.call('ZREM', KEYS[5], key) else redis.call('ZADD', KEYS[5], deadline, key) end
  if live == '1' then redis.call('ZADD', KEYS[6], 'NX', number, key) else redis.call('ZREM', KEYS[6], key) end
  each(function()
    local process, set = take(), KEYS[tonumber(take())]
    redis.call('SADD', set, key)
    redis.call('SADD', KEYS[7], process)
  end)
  each(function()
    local process, set = take(), KEYS[tonumber(take())]
    redis.call('SREM', set, key)
    if redis.call('EXISTS', set) == 0 then redis.call('SREM', KEYS[7], process) end
  end)
end

-- Texts come after the holders: one without holders is not kept.
local function hold_blobs()
  local put = {}
  each(function() put[#put + 1] = { take(), take() } end)
  each(function()
    local ref, by = take(), take()
    if redis.call('HINCRBY', KEYS[9], ref, by) <= 0 then
      redis.call('HDEL', KEYS[9], ref)
      redis.call('HDEL', KEYS[8], ref)
    end
  end)
  for _, blob in ipairs(put) do
    if redis.call('HEXISTS', KEYS[9], blob[1]) == 1 then redis.call('HSET', KEYS[8], blob[1], blob[2]) end
  end
end

local function apply()
  redis.call('HSET', KEYS[1], 'commit', string.format('%.0f', number), 'cursor', ARGV[6], 'dispatched', ARGV[7])
  each(write_event)
  each(change)
  hold_blobs()
  each(function() redis.call('HSET', KEYS[4], take(), take()) end)
  each(function()
    local process = take()
    redis.call('HSET', KEYS[10], process, 'dead@' .. now)
    redis.call('HDEL', KEYS[4], process)
  end)
end

local head = redis.call('HMGET', KEYS[1], 'token', 'epoch', 'commit', 'cursor')
local stored = tonumber(head[3] or 0)
local function has_read()
  local cursor = ARGV[6]
  return cursor == (head[4] or '0') or #redis.call('XRANGE', KEYS[11], cursor, cursor) > 0
end

if head[1] ~= token or head[2] ~= epoch then return { 'fenced' } end
if stored ~= previous and stored ~= number then return { 'fenced' } end
if stored == previous then
  if not has_read() then return { 'fenced' } end
  apply()
end

redis.call('SET', KEYS[2], token, 'PX', ARGV[4])
local earliest = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')
return { 'done', now, earliest[2] or '' }
