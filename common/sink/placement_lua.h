/* placement_lua.h - the scripts of the home's slot, as text; for the sinks that place reviews.
 *
 * Each reads before it writes, so a key of another type is found before anything has changed: a
 * script that fails half way keeps its first writes (run on Redis 7.0). Values travel by place and
 * their names stand in the script, because every argument costs Redis about 0.1 µs. */
#ifndef RS_SINK_PLACEMENT_LUA_H
#define RS_SINK_PLACEMENT_LUA_H

/* The first line of a script: refused on a full server, or not. */
#define RS_LUA "#!lua\n"
#define RS_LUA_FULL "#!lua flags=allow-oom\n"

/* `newer(a, b)`: whether version a is greater than b. Decimal text by length, then bytes: Lua's
 * numbers are doubles, wrong above 2^53 (run on Redis 7.0). */
#define RS_LUA_NEWER "local function newer(a, b) return #a > #b or (#a == #b and a > b) end\n"

/* KEYS: home. ARGV: version, product ("": none), then a value for each of NAMES ("": absent), which
 * is a Lua list of the home's fields. FIRST handles a first write in which no value is absent,
 * and may be empty: most writes are that one. Returns a code (0 stale, 1 applied, 2 equal, 3 equal
 * with other content), or the code and the notes as one string. */
#define RS_CLAIM_SCRIPT(NAMES, FIRST)                                                              \
    "local call, home, version, product = redis.call, KEYS[1], ARGV[1], ARGV[2]\n"                 \
    "local v = call('HGET', home, 'v')\n"                                                          \
    "if not v and product ~= '' then\n" FIRST "end\n"                                              \
    "local set, gone = {'v', version}, {}\n"                                                       \
    "local function field(name, value)\n"                                                          \
    "  if value == '' then gone[#gone + 1] = name return end\n"                                    \
    "  set[#set + 1] = name\n"                                                                     \
    "  set[#set + 1] = value\n"                                                                    \
    "end\n"                                                                                        \
    "field('p', product)\n"                                                                        \
    "for i, name in ipairs(" NAMES ") do field(name, ARGV[i + 2]) end\n"                           \
    "if not v then\n"                                                                              \
    "  call('HSET', home, unpack(set))\n"                                                          \
    "  return 1\n"                                                                                 \
    "end\n"                                                                                        \
    "if #v > #version or (#v == #version and v > version) then return 0 end\n"                     \
    "local old = call('HMGET', home, 'p', 'o')\n"                                                  \
    "local was, notes = old[1], old[2]\n"                                                          \
    "if v == version then\n"                                                                       \
    "  local code = (was or '') == product and '2' or '3'\n"                                       \
    "  for i = 3, #set, 2 do\n"                                                                    \
    "    if call('HGET', home, set[i]) ~= set[i + 1] then code = '3' end\n"                        \
    "  end\n"                                                                                      \
    "  return notes and code .. notes or tonumber(code)\n"                                         \
    "end\n"                                                                                        \
    "local left = {}\n"                                                                            \
    "for at, id in string.gmatch(notes or '', '(%d+) ([^\\n]*)\\n') do\n"                          \
    "  if id ~= product and id ~= was then left[#left + 1] = at .. ' ' .. id .. '\\n' end\n"       \
    "end\n"                                                                                        \
    "if was and was ~= product then left[#left + 1] = version .. ' ' .. was .. '\\n' end\n"        \
    "local kept = table.concat(left)\n"                                                            \
    "field('o', kept)\n"                                                                           \
    "if not notes and kept == '' then gone[#gone] = nil end\n"                                     \
    "if #gone > 0 then call('HDEL', home, unpack(gone)) end\n"                                     \
    "call('HSET', home, unpack(set))\n"                                                            \
    "return kept == '' and 1 or '1' .. kept\n"

/* KEYS: home. ARGV: version and product of each note that was withdrawn. A product that was left
 * again since then has a greater version in its note, which stays. */
#define RS_FORGET_SCRIPT                                                                           \
    RS_LUA_FULL RS_LUA_NEWER "local home, left = KEYS[1], {}\n"                                    \
                             "local notes = redis.call('HGET', home, 'o')\n"                       \
                             "if not notes then return 0 end\n"                                    \
                             "local done = {}\n"                                                   \
                             "for i = 1, #ARGV, 2 do done[ARGV[i + 1]] = ARGV[i] end\n"            \
                             "for at, id in string.gmatch(notes, '(%d+) ([^\\n]*)\\n') do\n"       \
                             "  if not done[id] or newer(at, done[id]) then\n"                     \
                             "    left[#left + 1] = at .. ' ' .. id .. '\\n'\n"                    \
                             "  end\n"                                                             \
                             "end\n"                                                               \
                             "if #left == 0 then\n"                                                \
                             "  redis.call('HDEL', home, 'o')\n"                                   \
                             "else\n"                                                              \
                             "  redis.call('HSET', home, 'o', table.concat(left))\n"               \
                             "end\n"                                                               \
                             "return 1\n"

#endif
