-- Forgets consumers that hold nothing and haven't asked for anything for long.
-- In one script, because a consumer that is deleted takes what it holds with it.
-- KEYS: stream. ARGV: group, idle ms, name of a consumer to forget whatever its idle time ('' = none).
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then
  return 0
end
local forgotten = 0
for _, consumer in ipairs(consumers) do
  local is = {}
  for f = 1, #consumer, 2 do
    is[consumer[f]] = consumer[f + 1]
  end
  if is['pending'] == 0 and (is['idle'] > tonumber(ARGV[2]) or is['name'] == ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], is['name'])
    forgotten = forgotten + 1
  end
end
return forgotten
