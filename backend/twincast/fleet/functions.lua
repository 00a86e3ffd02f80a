#!lua name=LIBRARY
-- What a backend asks of the engine, each call atomic. LIBRARY is a name with the hash of this file, so that processes
-- of two versions share an engine while they take turns.
--
-- Keys of one stream, in this order: log (stream), state (hash), marks (list of "id ms weight"); and the sorted set of
-- all sessions by the time somebody last had them. An epoch begins with each connection that takes the stream over; ops
-- number the appends of one epoch. All times are the engine's own: what waited at a backend is not older for it.

local function now_us()
  local clock = redis.call('TIME')
  return clock[1] * 1000000 + clock[2]
end

local function whole(number)
  return string.format('%.0f', number)
end

-- Forgets what is older than keep_ms or lies more than keep_weight behind the end, in steps of the marks.
local function trim_log(log, marks, now_ms, weight, keep_ms, keep_weight)
  local cut
  while true do
    local oldest = redis.call('LINDEX', marks, 0)
    if not oldest then break end
    local id, at, behind = string.match(oldest, '^(%S+) (%S+) (%S+)$')
    if now_ms - tonumber(at) <= keep_ms and weight - tonumber(behind) <= keep_weight then break end
    redis.call('LPOP', marks)
    cut = id
  end
  if cut then redis.call('XTRIM', log, 'MINID', cut) end
end

local function seen(sessions, session, now_ms, remember_ms)
  redis.call('ZADD', sessions, whole(now_ms), session)
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', whole(now_ms - remember_ms))
end

-- Takes the stream over: whoever had it finds its epoch stale, and is told so on its channel.
-- args: owner, number of the connection or '', remember ms, session, prefix of channels.
-- Error: OLDER, where a connection of a higher number was here.
local function open(keys, args)
  local log, state, marks, sessions = keys[1], keys[2], keys[3], keys[4]
  local have = redis.call('HMGET', state, 'owner', 'connection')
  if have[2] and args[2] ~= '' and tonumber(args[2]) < tonumber(have[2]) then
    return redis.error_reply('OLDER ' .. have[2])
  end
  if not have[1] then redis.call('DEL', log, marks) end
  local epoch = redis.call('HINCRBY', state, 'epoch', 1)
  redis.call('HSET', state, 'owner', args[1], 'op', 0)
  if args[2] ~= '' then redis.call('HSET', state, 'connection', args[2]) end
  redis.call('PEXPIRE', state, args[3])
  seen(sessions, args[4], math.floor(now_us() / 1000), tonumber(args[3]))
  if have[1] then redis.call('PUBLISH', args[5] .. have[1], state .. ' ' .. epoch) end
  local known = redis.call('HMGET', state, 'counters', 'structure', 'header')
  return {epoch, known[1], known[2], known[3]}
end

-- args: epoch, op, next seq, counters, structure or '', header or '', weight, keep ms, keep weight, log's life ms,
-- remember ms, session, 1 where a decoder may begin with it or '', slot of the header, then the entry's fields and values.
-- Returns 1, or 0 for a repeat after a broken connection.
-- Errors: GONE (no such state), STALE (another connection has the stream), HOLE (an append before this one is missing).
local function append(keys, args)
  local log, state, marks, sessions = keys[1], keys[2], keys[3], keys[4]
  local have = redis.call('HMGET', state, 'epoch', 'op', 'mark_ms', 'mark_weight')
  if not have[1] then return redis.error_reply('GONE') end
  if have[1] ~= args[1] then return redis.error_reply('STALE ' .. have[1]) end
  local op, last = tonumber(args[2]), tonumber(have[2])
  if op <= last then return 0 end
  if op ~= last + 1 then return redis.error_reply('HOLE ' .. have[2]) end
  local now = now_us()
  -- Grows with time also where the engine came back older: what a reader saw before is then never mistaken for this.
  local id = args[3] .. '-' .. whole(now)
  local added = redis.pcall('XADD', log, id, unpack(args, 15))
  if type(added) == 'table' and added.err then  -- its clock was set back
    id = redis.call('XADD', log, args[3] .. '-*', unpack(args, 15))
  end
  local update = {'op', args[2], 'counters', args[4]}
  if args[5] ~= '' then update[#update + 1] = 'structure'; update[#update + 1] = args[5] end
  if args[6] ~= '' then
    update[#update + 1] = 'header'; update[#update + 1] = args[6]
    update[#update + 1] = 'header:' .. args[14]; update[#update + 1] = args[6]
  end
  if args[13] ~= '' then update[#update + 1] = 'join'; update[#update + 1] = id end
  local now_ms, weight = math.floor(now / 1000), tonumber(args[7])
  if not have[3] or math.abs(now_ms - tonumber(have[3])) >= 1000 or weight - tonumber(have[4]) >= 1048576 then
    update[#update + 1] = 'mark_ms'; update[#update + 1] = whole(now_ms)
    update[#update + 1] = 'mark_weight'; update[#update + 1] = args[7]
    redis.call('RPUSH', marks, id .. ' ' .. whole(now_ms) .. ' ' .. args[7])
    trim_log(log, marks, now_ms, weight, tonumber(args[8]), tonumber(args[9]))
    redis.call('PEXPIRE', log, args[10])
    redis.call('PEXPIRE', marks, args[10])
    redis.call('PEXPIRE', state, args[11])
    seen(sessions, args[12], now_ms, tonumber(args[11]))
  end
  redis.call('HSET', state, unpack(update))
  return 1
end

-- The stream is still connected, though nothing came of it; and nothing trims while appends are refused.
-- args: epoch, weight, keep ms, keep weight, remember ms, session. Returns 0 where it is another's by now.
local function keep(keys, args)
  local log, state, marks, sessions = keys[1], keys[2], keys[3], keys[4]
  if redis.call('HGET', state, 'epoch') ~= args[1] then return 0 end
  local now_ms = math.floor(now_us() / 1000)
  -- Appends set the marks. Without one at its end, what came after the last mark would never grow old.
  local newest, last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1], redis.call('LINDEX', marks, -1)
  if newest and not (last and string.find(last, newest[1] .. ' ', 1, true) == 1) then
    redis.call('RPUSH', marks, newest[1] .. ' ' .. whole(now_ms) .. ' ' .. args[2])
  end
  trim_log(log, marks, now_ms, tonumber(args[2]), tonumber(args[3]), tonumber(args[4]))
  redis.call('PEXPIRE', state, args[5])
  seen(sessions, args[6], now_ms, tonumber(args[5]))
  return 1
end

-- Nothing but hellos came of it, and its connection is gone. args: epoch.
local function forget(keys, args)
  if redis.call('HGET', keys[2], 'epoch') ~= args[1] then return 0 end
  return redis.call('DEL', keys[1], keys[2], keys[3])
end

-- A consumer keeps its session, and says how far it is. keys: lease, positions.
-- args: consumer, lease ms, life of positions ms, then stream, position, ... Returns 0 where the lease is another's.
local function save(keys, args)
  local owner = redis.call('GET', keys[1])
  if owner and owner ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[1], 'PX', args[2])  -- also where it ran out and nobody took it, or the engine lost it
  if #args > 3 then
    redis.call('HSET', keys[2], unpack(args, 4))
    redis.call('PEXPIRE', keys[2], args[3])
  end
  return 1
end

-- keys: lease. args: consumer.
local function release(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end

redis.register_function('LIBRARY_append', append)
-- These free memory, or take over where it is full.
redis.register_function{function_name = 'LIBRARY_open', callback = open, flags = {'allow-oom'}}
redis.register_function{function_name = 'LIBRARY_keep', callback = keep, flags = {'allow-oom'}}
redis.register_function{function_name = 'LIBRARY_forget', callback = forget, flags = {'allow-oom'}}
redis.register_function{function_name = 'LIBRARY_save', callback = save, flags = {'allow-oom'}}
redis.register_function{function_name = 'LIBRARY_release', callback = release, flags = {'allow-oom'}}
