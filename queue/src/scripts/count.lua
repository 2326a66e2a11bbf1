-- KEYS: counters. ARGV: for each counter its limit and its window in milliseconds. Counts one in each and returns 0; or, if
-- one of them has had enough, counts nothing and returns how many milliseconds that lasts.
local wait = 0
for i, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
        wait = math.max(wait, redis.call('PTTL', key), 1)
    end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
    if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
end
return 0
