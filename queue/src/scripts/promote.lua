-- Moves due jobs to the stream, a bounded number of them.
-- KEYS: stream, delayed, delayed jobs, paused. ARGV: now ms, limit.
-- Returns: paused (0/1), moved, ms of the next due time (-1: nothing is delayed).
if redis.call('EXISTS', KEYS[4]) == 1 then
  return {1, 0, -1}
end
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(due) do
  local job = redis.call('HGET', KEYS[3], member)
  if job then
    local attempts, first, from = string.match(job, '^(%d+):(-?%d+):()')
    redis.call('XADD', KEYS[1], '*', 'p', string.sub(job, from), 'a', attempts, 'f', first)
    redis.call('HDEL', KEYS[3], member)
  end
  redis.call('ZREM', KEYS[2], member)
end
local next = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {0, #due, next[2] and math.floor(tonumber(next[2])) or -1}
