/* ledger_lua.h - the script of a product's ledger and summary; for ledger.c and annotation.c.
 *
 * KEYS: ledger, summary. ARGV: the counters of all contributions summed up, then triples of review
 * id, version, contribution ("": withdraw). All reads come first, so a key of another type is found
 * before anything has changed. Most contributions are new, so their sums are made where more than
 * one thread can; the script reads those only that replace others or are refused, and takes them
 * off. One read and one write for each counter of a call, not one for each review. Counters are
 * Lua's doubles: exact up to 2^53. Slices of 1,000: unpack has a limit. What else a contribution
 * holds is the sink's: NOTE sees (id, was, entry) of each that is replaced, CHECK reads before
 * anything is written, MOVE writes. */
#ifndef RS_SINK_LEDGER_LUA_H
#define RS_SINK_LEDGER_LUA_H

#include "sink/placement_lua.h"

#define RS_LEDGER_SCRIPT(PREPARE, NOTE, CHECK, MOVE)                                               \
    RS_LUA_NEWER PREPARE                                                                           \
        "local sums = {}\n"                                                                        \
        "local function add(text, sign)\n"                                                         \
        "  for name, n in string.gmatch(text, '([^\\t\\n]+)\\t(-?%d+)\\n') do\n"                   \
        "    sums[name] = (sums[name] or 0) + sign * n\n"                                          \
        "  end\n"                                                                                  \
        "end\n"                                                                                    \
        "local ids, codes, set, off = {}, {}, {}, {}\n"                                            \
        "for i = 2, #ARGV, 3 do ids[#ids + 1] = ARGV[i] end\n"                                     \
        "local stored = redis.call('HMGET', KEYS[1], unpack(ids))\n"                               \
        "for i, id in ipairs(ids) do\n"                                                            \
        "  local version, entry = ARGV[3 * i], ARGV[3 * i + 1]\n"                                  \
        "  local at, was = '0', ''\n"                                                              \
        "  if stored[i] then at, was = string.match(stored[i], '^(%d+)\\n(.*)$') end\n"            \
        "  if newer(version, at) then\n"                                                           \
        "    codes[i] = '1'\n"                                                                     \
        "    set[#set + 1] = id\n"                                                                 \
        "    set[#set + 1] = version .. '\\n' .. entry\n"                                          \
        "    off[#off + 1] = was\n"                                                                \
        "    if was ~= entry then\n" NOTE "    end\n"                                              \
        "  else\n"                                                                                 \
        "    codes[i] = version ~= at and '0' or was == entry and '2' or '3'\n"                    \
        "    off[#off + 1] = entry\n"                                                              \
        "  end\n"                                                                                  \
        "end\n"                                                                                    \
        "if #set == 0 then return table.concat(codes) end\n"                                       \
        "add(ARGV[1], 1)\n"                                                                        \
        "add(table.concat(off), -1)\n"                                                             \
        "local names, put, drop = {}, {}, {}\n"                                                    \
        "for name, n in pairs(sums) do if n ~= 0 then names[#names + 1] = name end end\n"          \
        "for from = 1, #names, 1000 do\n"                                                          \
        "  local to = math.min(from + 999, #names)\n"                                              \
        "  local had = redis.call('HMGET', KEYS[2], unpack(names, from, to))\n"                    \
        "  for i = from, to do\n"                                                                  \
        "    local n = sums[names[i]] + (had[i - from + 1] or 0)\n"                                \
        "    if n == 0 then drop[#drop + 1] = names[i] else\n"                                     \
        "      put[#put + 1] = names[i]\n"                                                         \
        "      put[#put + 1] = n\n"                                                                \
        "    end\n"                                                                                \
        "  end\n"                                                                                  \
        "end\n" CHECK "redis.call('HSET', KEYS[1], unpack(set))\n"                                 \
        "for from = 1, #put, 1000 do\n"                                                            \
        "  redis.call('HSET', KEYS[2], unpack(put, from, math.min(from + 999, #put)))\n"           \
        "end\n"                                                                                    \
        "for from = 1, #drop, 1000 do\n"                                                           \
        "  redis.call('HDEL', KEYS[2], unpack(drop, from, math.min(from + 999, #drop)))\n"         \
        "end\n" MOVE "if #names > 0 then redis.call('HINCRBY', KEYS[2], 'rev', 1) end\n"           \
        "return table.concat(codes)\n"

#endif
