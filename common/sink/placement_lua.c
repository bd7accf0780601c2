/* The scripts of the home's slot. Each reads before it writes, so a key of another type is found
 * before anything has changed: a script that fails half way keeps its first writes. */
#include "sink/placement.h"

/* KEYS: home. ARGV: product ("": none), then the home's fields, `v` first. Returns a code (0 stale,
 * 1 applied, 2 equal, 3 equal with other content), or the code and the notes as one string.
 * A first write takes two commands, because most writes are one. */
#define CLAIM                                                                                      \
    "local home, product, version = KEYS[1], ARGV[1], ARGV[3]\n"                                   \
    "local old = redis.call('HMGET', home, 'v', 'p', 'o')\n"                                       \
    "local v, was, notes = old[1], old[2], old[3]\n"                                               \
    "if not v then\n"                                                                              \
    "  redis.call('HSET', home, unpack(ARGV, 2))\n"                                                \
    "  return 1\n"                                                                                 \
    "end\n"                                                                                        \
    "if v == version then\n"                                                                       \
    "  local code = (was or '') == product and '2' or '3'\n"                                       \
    "  for i = 4, #ARGV, 2 do\n"                                                                   \
    "    if redis.call('HGET', home, ARGV[i]) ~= ARGV[i + 1] then code = '3' end\n"                \
    "  end\n"                                                                                      \
    "  return notes and code .. notes or tonumber(code)\n"                                         \
    "end\n"                                                                                        \
    "if #v > #version or (#v == #version and v > version) then return 0 end\n"                     \
    "local left = {}\n"                                                                            \
    "for at, id in string.gmatch(notes or '', '(%d+) ([^\\n]*)\\n') do\n"                          \
    "  if id ~= product and id ~= was then left[#left + 1] = at .. ' ' .. id .. '\\n' end\n"       \
    "end\n"                                                                                        \
    "if was and was ~= product then left[#left + 1] = version .. ' ' .. was .. '\\n' end\n"        \
    "redis.call('DEL', home)\n"                                                                    \
    "if #left == 0 then\n"                                                                         \
    "  redis.call('HSET', home, unpack(ARGV, 2))\n"                                                \
    "  return 1\n"                                                                                 \
    "end\n"                                                                                        \
    "notes = table.concat(left)\n"                                                                 \
    "redis.call('HSET', home, 'o', notes, unpack(ARGV, 2))\n"                                      \
    "return '1' .. notes\n"

const char rs_claim_script[] = "#!lua\n" CLAIM;
/* For withdrawals and erasures: a full server must still forget what it has to forget. */
const char rs_claim_full_script[] = "#!lua flags=allow-oom\n" CLAIM;

/* KEYS: home. ARGV: version and product of each note that was withdrawn. A product that was left
 * again since then has a greater version in its note, which stays. */
const char rs_forget_script[] =
    "#!lua flags=allow-oom\n" RS_LUA_NEWER "local home, left = KEYS[1], {}\n"
    "local notes = redis.call('HGET', home, 'o')\n"
    "if not notes then return 0 end\n"
    "local done = {}\n"
    "for i = 1, #ARGV, 2 do done[ARGV[i + 1]] = ARGV[i] end\n"
    "for at, id in string.gmatch(notes, '(%d+) ([^\\n]*)\\n') do\n"
    "  if not done[id] or newer(at, done[id]) then left[#left + 1] = at .. ' ' .. id .. '\\n' end\n"
    "end\n"
    "if #left == 0 then\n"
    "  redis.call('HDEL', home, 'o')\n"
    "else\n"
    "  redis.call('HSET', home, 'o', table.concat(left))\n"
    "end\n"
    "return 1\n";
