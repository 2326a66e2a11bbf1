-- Puts dead letters back into their lane, as if new but for when they were first appended.
-- KEYS: stream, dead. ARGV: id of one ('' = the oldest ones), limit.
local letters
if ARGV[1] == '' then
  letters = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[2])
else
  letters = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])
end
for _, letter in ipairs(letters) do
  local payload, first = '', '0'
  for f = 1, #letter[2], 2 do
    if letter[2][f] == 'p' then payload = letter[2][f + 1] end
    if letter[2][f] == 'f' then first = letter[2][f + 1] end
  end
  redis.call('XADD', KEYS[1], '*', 'p', payload, 'f', first)
  redis.call('XDEL', KEYS[2], letter[1])
end
return #letters
