--[[
  Cuts what nobody needs: the inbox behind its cursor; events that are too old or too many, never past the dispatch cursor
  nor past the first event of a live aggregate; once a minute, senders that were silent for long, and tombstones.

  KEYS[1] inbox   KEYS[2] events   KEYS[3] head   KEYS[4] live   KEYS[5] producers
  ARGV[1] events may be so old, ms   ARGV[2] events may be so many   ARGV[3] senders may be silent for so long, ms

  Events are cut by whole commits; their number is met by estimate, over several calls. Returns 1.
]]
local sweep_every = 60000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head = redis.call('HMGET', KEYS[3], 'cursor', 'dispatched', 'swept')

local function cut_inbox()
  local ms, n = string.match(head[1] or '', '^(%d+)-(%d+)$')
  if ms then redis.call('XTRIM', KEYS[1], 'MINID', ms .. '-' .. string.format('%.0f', tonumber(n) + 1)) end
end

local function commit_of(entry) return tonumber(string.match(entry[1], '^(%d+)')) end

local function field(entry, name)
  for index = 1, #entry[2], 2 do
    if entry[2][index] == name then return entry[2][index + 1] end
  end
end

-- The first commit in [low, high] with an event that is not older than `oldest`; high + 1 if there is none.
local function first_since(oldest, low, high)
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local entry = redis.call('XRANGE', KEYS[2], string.format('%.0f-0', middle), '+', 'COUNT', 1)[1]
    if entry and tonumber(field(entry, 'at')) < oldest then low = commit_of(entry) + 1 else high = middle - 1 end
  end
  return low
end

local function cut_events()
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  if not first then return end
  local low, high = commit_of(first), commit_of(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1])
  local cut = first_since(now - tonumber(ARGV[1]), low, high)
  local count = redis.call('XLEN', KEYS[2])
  local surplus = count - tonumber(ARGV[2])
  if surplus > 0 then cut = math.max(cut, low + math.floor((high - low + 1) * surplus / count)) end
  local live = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')[2]
  cut = math.min(cut, tonumber(head[2] or 0) + 1, tonumber(live or cut))
  if cut > low then redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f-0', cut)) end
end

local function sweep_producers()
  if now - tonumber(head[3] or 0) < sweep_every then return end
  redis.call('HSET', KEYS[3], 'swept', string.format('%.0f', now))
  local entries = redis.call('HGETALL', KEYS[5])
  for index = 1, #entries, 2 do
    local at = tonumber(string.match(entries[index + 1], '@(%d+)$'))
    if now - at > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[5], entries[index]) end
  end
end

cut_inbox()
cut_events()
sweep_producers()
return 1
