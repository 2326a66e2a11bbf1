-- Sets a keyed timer. KEYS: delayed, delayed jobs. ARGV: key, due ms, payload.
local member = 'k:' .. ARGV[1]
redis.call('ZADD', KEYS[1], ARGV[2], member)
redis.call('HSET', KEYS[2], member, '0:' .. ARGV[2] .. ':' .. ARGV[3])
return 1
