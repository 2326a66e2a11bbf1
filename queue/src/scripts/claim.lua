-- Takes over what other consumers (or this one, before it lost track) left pending longer than the lease.
-- KEYS: stream. ARGV: group, consumer, lease ms, limit.
-- Returns: a list of {entry, deliveries so far, this one included}.
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4])
if pending.err then
  return {}
end
local claimed = {}
for _, item in ipairs(pending) do
  local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], item[1])[1]
  if entry and entry[2] then
    claimed[#claimed + 1] = {entry, item[4] + 1}
  else
    -- Its data was deleted: nothing is left to do.
    redis.call('XACK', KEYS[1], ARGV[1], item[1])
  end
end
return claimed
