-- Removes a keyed timer. KEYS: delayed, delayed jobs. ARGV: key.
local member = 'k:' .. ARGV[1]
redis.call('HDEL', KEYS[2], member)
return redis.call('ZREM', KEYS[1], member)
