-- Settles jobs that are not done: delays them or gives them up.
-- KEYS: stream, delayed, delayed jobs, dead. ARGV: group, then per job: id, attempts, due ms ('' = give up), error, now ms.
-- A job that is no longer pending was settled by whoever took it over; it is left alone.
local settled = 0
for i = 2, #ARGV, 5 do
  local id, attempts, due, failure, now = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  if redis.call('XACK', KEYS[1], ARGV[1], id) == 1 then
    local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
    if entry then
      local payload, first = '', string.match(id, '^%d+')
      for f = 1, #entry[2], 2 do
        if entry[2][f] == 'p' then payload = entry[2][f + 1] end
        if entry[2][f] == 'f' then first = entry[2][f + 1] end
      end
      if due == '' then
        redis.call('XADD', KEYS[4], '*', 'p', payload, 'a', attempts, 'f', first, 'e', failure, 't', now)
      else
        redis.call('ZADD', KEYS[2], due, 'j:' .. id)
        redis.call('HSET', KEYS[3], 'j:' .. id, attempts .. ':' .. first .. ':' .. payload)
      end
      redis.call('XDEL', KEYS[1], id)
      settled = settled + 1
    end
  end
end
return settled
