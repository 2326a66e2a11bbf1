-- A lane's figures at one instant. KEYS: stream, delayed, dead, paused. ARGV: group.
-- Returns: depth, pending, delayed, dead, paused (0/1), id of the oldest entry ('' = none).
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
return {
  redis.call('XLEN', KEYS[1]),
  pending.err and 0 or pending[1],
  redis.call('ZCARD', KEYS[2]),
  redis.call('XLEN', KEYS[3]),
  redis.call('EXISTS', KEYS[4]),
  oldest and oldest[1] or '',
}
