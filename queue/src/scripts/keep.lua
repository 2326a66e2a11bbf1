-- Keeps ARGV[2] under KEYS[2] for ARGV[3] milliseconds, if ARGV[1] holds the lease KEYS[1]. An empty text takes away.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
    redis.call('DEL', KEYS[2])
else
    redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
end
return 1
