--[[
  Puts a batch of one sender's messages into a mailbox: each once, in the order of `seq`, none before the one it follows.

  KEYS[1] inbox (stream)   KEYS[2] producers (hash: src -> '<seq>@<ms>' or 'dead@<ms>')
  ARGV[1] src   ARGV[2] most messages the mailbox may hold   ARGV[3] ms until an unused mailbox goes, 0: never
  ARGV[4...] per message: seq, prev ('' for none), body, blobs (JSON object or '')

  A seq is '<epoch>:<commit>:<index>', compared part by part.
  Returns {'appended', duplicates} | {'gap', index of the message whose predecessor is missing, last seq or ''} | {'gone'} | {'full'}
]]
local function parts(seq)
  local epoch, commit, index = string.match(seq, '^(%d+):(%d+):(%d+)$')
  return tonumber(epoch), tonumber(commit), tonumber(index)
end

local function after(a, b)
  if b == '' then return true end
  local ae, ac, ai = parts(a)
  local be, bc, bi = parts(b)
  if ae ~= be then return ae > be end
  if ac ~= bc then return ac > bc end
  return ai > bi
end

local inbox, producers = KEYS[1], KEYS[2]
local src, capacity, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HGET', producers, src) or '@'
local last = string.match(known, '^(.*)@')
if last == 'dead' then return { 'gone' } end

local full = redis.call('XLEN', inbox) >= capacity
local result = nil
local duplicates, appended = 0, false
for at = 4, #ARGV, 4 do
  local seq, prev, body, blobs = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if not after(seq, last) then
    duplicates = duplicates + 1
  elseif full then
    return { 'full' }
  elseif prev ~= last then
    result = { 'gap', (at - 4) / 4, last }
    break
  else
    if blobs == '' then
      redis.call('XADD', inbox, '*', 'src', src, 'seq', seq, 'body', body)
    else
      redis.call('XADD', inbox, '*', 'src', src, 'seq', seq, 'body', body, 'blobs', blobs)
    end
    last, appended = seq, true
  end
end

if appended then
  local time = redis.call('TIME')
  redis.call('HSET', producers, src, last .. '@' .. time[1] .. string.format('%03d', math.floor(time[2] / 1000)))
  if ttl > 0 then
    if redis.call('PTTL', inbox) == -1 then redis.call('PEXPIRE', inbox, ttl) end
    if redis.call('PTTL', producers) == -1 then redis.call('PEXPIRE', producers, ttl) end
  end
end
return result or { 'appended', duplicates }
