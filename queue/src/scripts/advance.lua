-- KEYS: mark. ARGV: position, text. Never goes back: of two who come out of order the further one stays.
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or '0')
if tonumber(ARGV[1]) > at then
    redis.call('HSET', KEYS[1], 'at', ARGV[1], 'text', ARGV[2])
end
return at
