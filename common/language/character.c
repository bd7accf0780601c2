#include "language/character.h"

#include <stdbool.h>
#include <utf8proc.h>

/* Blocks whose scripts set no spaces between words (Unicode 15, Blocks.txt): Thai and Lao,
 * Burmese, Khmer, Kana, Han. utf8proc does not know scripts. */
static const int32_t blocks[][2] = {{0x0e00, 0x0eff}, {0x1000, 0x109f},  {0x1780, 0x17ff},
                                    {0x3005, 0x3007}, {0x3040, 0x30ff},  {0x31f0, 0x31ff},
                                    {0x3400, 0x4dbf}, {0x4e00, 0x9fff},  {0xf900, 0xfaff},
                                    {0xff66, 0xff9f}, {0x20000, 0x3ffff}};

/* Typographic variants of plain signs. */
static const int32_t plain[][2] = {{0x02bc, '\''}, {0x2018, '\''}, {0x2019, '\''}, {0x2010, '-'},
                                   {0x2011, '-'},  {0x2012, '-'},  {0x2013, '-'},  {0x2014, '-'},
                                   {0x2026, '.'},  {0x3001, ','},  {0x3002, '.'},  {0xff01, '!'},
                                   {0xff0c, ','},  {0xff1a, ':'},  {0xff1b, ';'},  {0xff1f, '?'}};

static bool in_blocks(int32_t code)
{
    if (code < blocks[0][0])
        return false;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
        if (code >= blocks[i][0] && code <= blocks[i][1])
            return true;
    return false;
}

static int32_t as_plain(int32_t code)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        if (code == plain[i][0])
            return plain[i][1];
    return 0;
}

static enum rs_class class_of_category(int32_t code, utf8proc_category_t category)
{
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
        return in_blocks(code) ? RS_CLASS_RUN : RS_CLASS_LETTER;
    if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME)
        return in_blocks(code) ? RS_CLASS_RUN : RS_CLASS_MARK;
    if (category == UTF8PROC_CATEGORY_ND)
        return RS_CLASS_DIGIT;
    if (category == UTF8PROC_CATEGORY_ZS)
        return RS_CLASS_SPACE;
    if (category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP)
        return RS_CLASS_LINE;
    if (category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO)
        return RS_CLASS_PUNCTUATION;
    if (category == UTF8PROC_CATEGORY_SO && code >= 0x2190)
        return RS_CLASS_EMOJI;
    if ((category >= UTF8PROC_CATEGORY_SM && category <= UTF8PROC_CATEGORY_SO) ||
        category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO)
        return RS_CLASS_SYMBOL;
    return RS_CLASS_SKIP;
}

/* What is not named is skipped: controls and the underscore. */
const uint8_t rs_ascii_classes[128] = {
    ['\t'] = RS_CLASS_SPACE,         ['\v' ... '\f'] = RS_CLASS_SPACE,
    ['\n'] = RS_CLASS_LINE,          ['\r'] = RS_CLASS_LINE,
    [' '] = RS_CLASS_SPACE,          ['!' ... '#'] = RS_CLASS_PUNCTUATION,
    ['$'] = RS_CLASS_SYMBOL,         ['%' ... '*'] = RS_CLASS_PUNCTUATION,
    ['+'] = RS_CLASS_SYMBOL,         [',' ... '/'] = RS_CLASS_PUNCTUATION,
    ['0' ... '9'] = RS_CLASS_DIGIT,  [':' ... ';'] = RS_CLASS_PUNCTUATION,
    ['<' ... '>'] = RS_CLASS_SYMBOL, ['?' ... '@'] = RS_CLASS_PUNCTUATION,
    ['A' ... 'Z'] = RS_CLASS_LETTER, ['[' ... ']'] = RS_CLASS_PUNCTUATION,
    ['^'] = RS_CLASS_SYMBOL,         ['`'] = RS_CLASS_SYMBOL,
    ['a' ... 'z'] = RS_CLASS_LETTER, ['{'] = RS_CLASS_PUNCTUATION,
    ['|'] = RS_CLASS_SYMBOL,         ['}'] = RS_CLASS_PUNCTUATION,
    ['~'] = RS_CLASS_SYMBOL,
};

struct rs_character rs_character_wide(struct rs_bytes text, size_t at)
{
    utf8proc_int32_t code = -1;
    utf8proc_ssize_t left = (utf8proc_ssize_t)(text.len - at > 4 ? 4 : text.len - at);
    utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at, left, &code);
    if (len <= 0 || code == 0xfffd)
        return (struct rs_character){0xfffd, 0xfffd, len <= 0 ? 1 : (uint32_t)len, RS_CLASS_BAD};
    struct rs_character out = {code, as_plain(code), (uint32_t)len, RS_CLASS_PUNCTUATION};
    if (out.folded)
        return out;
    if (code >= 0x1f000 && code <= 0x1faff)
        out.class = RS_CLASS_EMOJI;
    else if (code == 0x85)
        out.class = RS_CLASS_LINE;
    else
        out.class = class_of_category(code, utf8proc_category(code));
    out.folded = utf8proc_tolower(code);
    return out;
}
